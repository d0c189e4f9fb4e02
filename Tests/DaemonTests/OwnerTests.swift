import Testing

@testable import Daemon

/// Whose leases are whose.
struct OwnerTests {
    @Test func `only an owner of ours that is gone is gone`() throws {
        let own = try Owner()
        #expect(!Owner.isGone(own.text))
        let parts = own.text.split(separator: ".")
        #expect(Owner.isGone("\(parts[0]).1.\(parts[2])"))
        #expect(!Owner.isGone("\(parts[0]).1.0"))
        #expect(!Owner.isGone("somebody"))
    }
}

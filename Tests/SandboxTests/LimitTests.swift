import Glibc
import Records
import Testing

@testable import Sandbox

@Suite struct LimitTests {
    @Test func `best effort takes the nearest limit of a process`() throws {
        let all = try ResourceLimits(Limits(memoryBytes: 1 << 20), missing: ["memory"]).all
        let memory = try #require(all.first { $0.name == "as" })
        #expect(memory.soft == 1 << 20 && memory.hard == 1 << 20)
    }

    @Test func `our first process is not taken from the command's`() throws {
        let all = try ResourceLimits(Limits(processes: 5)).all
        #expect(all.first { $0.name == "nproc" }?.hard == 6)
    }

    @Test func `no limit is above the caller's own`() throws {
        for limit in try ResourceLimits(Limits()).all {
            var own = rlimit()
            getrlimit(limit.resource, &own)
            #expect(limit.hard <= UInt64(own.rlim_max) && limit.soft <= limit.hard, "\(limit.name)")
        }
    }

    @Test(
        arguments: [
            ("1000-2000", 1000...2000), ("7-7", 7...7),
            ("1900000000-1900065535", 1_900_000_000...1_900_065_535),
        ] as [(String, ClosedRange<UInt32>)])
    func `a range of users is two numbers`(text: String, range: ClosedRange<UInt32>) {
        #expect(HostUsers(text)?.range == range)
    }

    @Test(arguments: [
        "", "-", "1", "1-", "-1", "0-5", "5-4", "1-2-3", " 1-2", "1- 2", "+1-2", "0x1-2",
        "1-4294967295",
        "65000-66000", "1-99999999999", "a-b",
    ])
    func `anything else is none`(text: String) {
        #expect(HostUsers(text) == nil)
    }
}

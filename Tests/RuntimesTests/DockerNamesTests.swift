import Testing

@testable import Runtimes

/// What a container's name says of it.
struct DockerNamesTests {
    @Test(
        arguments: [
            ("smelt-r1.disk.session.one", true), ("smelt-r1.session.one", false),
            ("smelt-r1.session.a.disk.b", false), ("smelt-r1.gate.x.disk.0", false),
            ("smelt-r1.disk.session.a.disk.b", true),
        ])
    func `who watches is told by what stands behind the run`(name: String, isWatcher: Bool) {
        #expect(Docker.isWatcher(name, of: "r1") == isWatcher)
    }
}

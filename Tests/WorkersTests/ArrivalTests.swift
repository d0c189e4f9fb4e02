import Glibc
import Records
import Smelt
import Testing

@testable import Workers

/// What the sessions did, on its way from a worker.
@Suite final class ArrivalTests {
    private let state: String
    private let run = RunID.make()
    private let base = String(repeating: "a", count: 40)

    init() throws {
        var template = Array("/tmp/smelt-arrival-XXXXXX".utf8CString)
        let made = try #require(mkdtemp(&template))
        state = String(cString: made)
    }

    deinit { Self.remove(state) }

    private static func remove(_ path: String) {
        for name in Files.names(in: path) { remove("\(path)/\(name)") }
        if rmdir(path) != 0 { unlink(path) }
    }

    private func arrival() throws -> Arrival {
        try Arrival(of: run, base: base, sessions: ["one", "two"], state: state)
    }

    private var bundles: [String] {
        Files.names(in: Arrival.directory(of: run, in: state)).filter { $0.contains(".bundle") }
    }

    @Test func `a bundle has its name when all of it is here`() throws {
        let arrival = try arrival()
        try arrival.begin("one.bundle")
        try arrival.add([1, 2, 3])
        #expect(!bundles.contains("one.bundle"))
        // The line was lost, and there is another.
        arrival.beginAgain()
        try arrival.begin("one.bundle")
        try arrival.add([4])
        try arrival.begin("two.bundle")
        #expect(bundles.contains("one.bundle") && !bundles.contains("two.bundle"))
        let path = "\(arrival.directory)/one.bundle"
        #expect(try Files.read(path) == [4])
    }

    @Test(arguments: ["three.bundle", "one.bundle", "../one.bundle", ".one.bundle", "lease"])
    func `only what was planned comes, and once`(name: String) throws {
        let arrival = try arrival()
        try arrival.begin("one.bundle")
        #expect(throws: LineFault.self) { try arrival.begin(name) }
    }

    @Test func `what is refused is set aside, and hinders nobody`() throws {
        do {
            let arrival = try arrival()
            try arrival.begin("one.bundle")
            try arrival.add(Array("no bundle".utf8))
            try arrival.begin("two.bundle")
            try arrival.finish()
        }
        let first = try Arrival.remove(run, state: state)
        #expect(first.rescued.isEmpty && first.fault?.exit == .refused)
        #expect(bundles == ["one.bundle.refused", "two.bundle.refused"])
        // The next sweep leaves it alone, and says nothing of it.
        Arrival.sweep(state)
        #expect(bundles.count == 2)
        // A week later.
        let directory = Arrival.directory(of: run, in: state)
        var times = [timeval(tv_sec: 1, tv_usec: 0), timeval(tv_sec: 1, tv_usec: 0)]
        #expect(utimes(directory, &times) == 0)
        Arrival.sweep(state)
        #expect(!Files.exists(directory))
    }
}

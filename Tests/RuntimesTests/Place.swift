import Glibc
import Records
import Runtimes
import Smelt

/// A directory of a test's own, gone at its end whatever was left in it.
final class Place {
    let path: String

    init() throws {
        var template = Array("/tmp/smelt-place-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw SystemFault(errno, "make", "a directory") }
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    deinit { try? Removal.remove(path) }

    static let commit = String(repeating: "1", count: 40)

    static func facts(_ run: RunID, commit: String = commit) throws -> EnvironmentFacts {
        let job = Job(
            name: "demo", repository: "/nowhere", baseRef: "main",
            environment: JobEnvironment(runtime: .sandbox), sessions: [],
            merge: Merge(strategy: .sequential, order: [], target: "done"))
        return EnvironmentFacts(
            run: run, job: job, baseCommit: commit, hostUser: nil,
            enforced: try Enforced(of: job, state: "/"), bestEffort: false)
    }
}

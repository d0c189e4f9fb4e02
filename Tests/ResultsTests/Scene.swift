import Glibc
import Records
import Results
import Smelt
import Testing

/// smelt's repositories in a directory of their own, and one that plays the sandbox: whatever is
/// done in it is done by an agent. Removed at the end.
final class Scene {
    let path: String
    let results: Git
    private(set) var base = ""

    /// The base has `README` and `src/main.c`, and what `prepare` adds.
    init(_ prepare: (Scene) throws -> Void = { _ in }) throws {
        var template = Array("/tmp/smelt-scene-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw SystemFault(errno, "make", "a directory") }
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        results = try Repositories(state: path).results()
        try shell("git init -q -b main agent && mkdir agent/src")
        try shell("echo hello >README; echo 'int main;' >src/main.c", in: "agent")
        try prepare(self)
        base = try commit("base")
        try shell("git -C agent push -q ../import.git main:refs/smelt/base/\(base)")
    }

    deinit {
        _ = try? Command("rm", "-rf", "--", path).run()
    }

    /// What nobody may ever make: the attacks try to.
    var canary: String { "\(path)/canary" }

    @discardableResult
    func shell(_ script: String, in directory: String = ".") throws -> String {
        var command = Command("sh", "-ec", script)
        command.directory = "\(path)/\(directory)"
        command.environment = [
            "PATH=\(Environment["PATH"] ?? "/usr/bin:/bin")", "HOME=\(path)", "CANARY=\(canary)",
            "GIT_CONFIG_NOSYSTEM=1", "GIT_AUTHOR_NAME=agent", "GIT_AUTHOR_EMAIL=agent@inside",
            "GIT_COMMITTER_NAME=agent", "GIT_COMMITTER_EMAIL=agent@inside",
            "GIT_AUTHOR_DATE=2026-01-01T00:00:00Z", "GIT_COMMITTER_DATE=2026-01-01T00:00:00Z",
            "BASE=\(base)",
        ]
        let finished = try command.run()
        try #require(finished.succeeded, "\(script): \(finished.errors)")
        return finished.text.split(separator: "\n").last.map(String.init) ?? ""
    }

    /// Commits all that is there; gives the commit.
    @discardableResult
    func commit(_ message: String) throws -> String {
        try shell("git add -A && git commit -q -m '\(message)' && git rev-parse HEAD", in: "agent")
    }

    /// A branch from the base, with the work of `script`, as the sandbox would bundle it.
    func session(_ name: String, from start: String? = nil, _ script: String) throws -> String {
        let from = start ?? base
        try shell("git checkout -q -f -B smelt/\(name) \(from) && git clean -qfdx", in: "agent")
        try shell(script, in: "agent")
        let tip = try shell(
            """
            git add -A; git diff --cached --quiet || git commit -q -m 'work of \(name)'
            git rev-parse HEAD
            """, in: "agent")
        try shell("git bundle create -q ../\(name).bundle ^\(from) smelt/\(name)", in: "agent")
        return tip
    }

    /// Offers `<name>.bundle`; gives the commit.
    @discardableResult
    func admit(
        _ name: String, start: String? = nil, wanted: String? = nil, bounds: Bounds = Bounds()
    ) throws -> String {
        let bundle = try Descriptor(opening: "\(path)/\(name).bundle", O_RDONLY)
        return try Quarantine(into: results, bounds: bounds).admit(
            bundle: bundle.number, branch: "refs/heads/smelt/\(name)", start: start ?? base,
            wanted: wanted, as: "refs/smelt/runs/run/\(name)")
    }

    /// Whether anything of a refused bundle is left, or anything was made that must not be.
    func expectUntouched(_ place: SourceLocation = #_sourceLocation) throws {
        #expect(!Files.exists(canary), "the canary sings", sourceLocation: place)
        #expect(
            try results.run("for-each-ref").isEmpty, "a reference was made", sourceLocation: place)
        let packs = Files.names(in: "\(results.repository)/objects/pack")
        #expect(packs.isEmpty, "objects were taken", sourceLocation: place)
        let incoming = Files.names(in: "\(results.repository)/incoming")
        #expect(incoming.isEmpty, "the quarantine was left behind", sourceLocation: place)
    }

    func part(_ name: String, _ script: String) throws -> Part {
        let tip = try session(name, script)
        try admit(name)
        return Part(session: name, commit: tip)
    }
}

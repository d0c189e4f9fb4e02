internal import Policies
internal import Records
internal import Sandbox
internal import Toml

/// The walls around the sessions' programs. A policy of system calls goes into the job whole, so that the log tells
/// what was in force whatever becomes of its file.
struct WallsReader {
    let directory: String
    let findings: Findings

    /// Nil when nothing is said.
    func read(_ section: Table?, _ environment: JobEnvironment?) -> JobSandbox? {
        guard let section else { return nil }
        if let runtime = environment?.runtime, runtime != .sandbox {
            findings.complain(
                section.place,
                "sandbox has no use with the runtime \(runtime): remove it, or choose sandbox")
        }
        let calls = SeccompKey(findings: findings) { name in
            let paths = Paths(directory: directory)
            let source = try SourceFile.read(paths.absolute(name))
            return SourceFile(
                name: name, path: source.path, directory: source.directory, text: source.text)
        }
        let walls = JobSandbox(
            seccomp: calls.read(section).flatMap(\.json),
            landlock: section.choice("landlock", Landlock.Use.self)?.rawValue)
        return walls == JobSandbox() ? nil : walls
    }
}

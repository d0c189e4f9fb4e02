internal import Glibc
internal import Smelt

/// What all places of an environment share on every engine, before it is sent there: `objects` and `smelt-inside`.
enum EngineBase {
    /// Makes it in `directory`, of which the caller removes what is there after a fault, too. `writePack` puts a pack of what
    /// the commit reaches into an objects' directory.
    static func build(
        in directory: String, _ writePack: (_ objects: String) throws -> Void
    ) throws {
        for part in ["info", "pack"] {
            try Files.makeDirectories("\(directory)/objects/\(part)", mode: 0o755)
        }
        try writePack("\(directory)/objects")
        let program = "\(directory)/smelt-inside"
        let copied = try Command("cp", "--", helper(), program).run()
        guard copied.succeeded, chmod(program, 0o755) == 0 else {
            throw RuntimeFault.notCopied(
                directory, reason: SandboxedGit.lastLine(of: copied.errors))
        }
    }

    /// Beside the command that runs now, or where it was installed.
    static func helper() throws -> String {
        let own = try Files.canonical("/proc/self/exe")
        let places = [
            "\(Files.parent(of: own))/smelt-inside",
            "\(Files.parent(of: Files.parent(of: own)))/libexec/smelt/smelt-inside",
        ]
        guard let found = places.first(where: { access($0, R_OK) == 0 }) else {
            throw EngineFault.noHelper(own)
        }
        return found
    }
}

internal import CSeccomp
internal import Glibc
internal import Smelt

/// Programs that were compiled before, in `seccomp/` of the state directory: reading one is much faster than
/// compiling it. A file is taken when it is the caller's own, nobody else may touch it, and its checksum is right;
/// everything else is as if it were not there. Whoever may write there could let a later command do anything, as who
/// may write the caller's shell start-up files could: no sandbox may; see `StateGuard`.
enum SeccompCache {
    /// The first digits of the digest of what the compiler makes of `default` and `strict` with libseccomp 2.5.4 on
    /// x86-64: a test holds it, so that no older smelt's programs are taken for this one's.
    static let revision = "93375b930dc3ef4c"

    static func program(for policy: SeccompPolicy) throws(SandboxFault) -> SeccompProgram? {
        if policy.isProfile, policy.base == .none { return nil }
        let name = name(of: policy)
        let path = Places.statePath.map { "\($0)/seccomp/\(name)" }
        if let path, let program = read(path) { return program }

        let program = try SeccompCompiler.compile(SeccompRules(policy))
        if path != nil { try? write(program, name) }
        return program
    }

    private static func name(of policy: SeccompPolicy) -> String {
        let machine = "\(revision)-\(version)-\(seccomp_arch_native())"
        let what =
            policy.isProfile ? policy.base.rawValue : SHA256.digest(Array(policy.text.utf8))
        return "\(what)-\(machine)"
    }

    /// Whether calls can be filtered here, and refusals told of.
    static var finding: Finding {
        let name = "system call filter"
        let level = seccomp_api_get()
        guard level >= 1 else {
            let hint = SandboxFault.refused(step: .filter, object: "", number: EINVAL).hint
            return Finding(name, false, "this kernel has none", remedy: hint)
        }
        // The level of user notification, seccomp_api_get(3).
        return level >= 5
            ? Finding(name, true, "libseccomp \(version); what is refused can be told")
            : Finding(
                name, true, "libseccomp \(version); what is refused cannot be told",
                remedy: "Linux 5.0 can tell it")
    }

    private static var version: String {
        guard let version = seccomp_version()?.pointee else { return "0" }
        return "\(version.major).\(version.minor).\(version.micro)"
    }

    // MARK: files

    /// `filter 2` as a file has it; behind it come the checksum and the instructions, 8 bytes each.
    private static let magic: UInt64 = 0x3220_7265_746c_6966

    private static func read(_ path: String) -> SeccompProgram? {
        guard let file = try? Descriptor(opening: path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK) else {
            return nil
        }
        var facts = stat()
        let least = 3 * 8
        let most = (2 + SeccompProgram.longest) * 8
        guard fstat(file.number, &facts) == 0, facts.st_mode & S_IFMT == S_IFREG,
            facts.st_uid == geteuid(), facts.st_mode & 0o077 == 0,
            (least...most).contains(Int(facts.st_size)), facts.st_size % 8 == 0
        else { return nil }
        let count = Int(facts.st_size) / 8
        let words = [UInt64](unsafeUninitializedCapacity: count) { buffer, filled in
            let done = retrying { Glibc.read(file.number, buffer.baseAddress, count * 8) }
            filled = done == count * 8 ? count : 0
        }
        guard words.count == count, words[0] == magic, words[1] == checksum(words[2...]) else {
            return nil
        }
        return SeccompProgram(words[2...].map { SeccompProgram.Instruction($0) })
    }

    /// Against files that are torn or mixed up: FNV-1a, a word at a time. It need not keep off who may write the file,
    /// and SHA-256 would take longer than the rest of the reading.
    private static func checksum(_ words: some Collection<UInt64>) -> UInt64 {
        words.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ $1) &* 0x100_0000_01b3 }
    }

    /// A file that is torn by a crash is not taken, so nothing waits for the disk here.
    private static func write(_ program: SeccompProgram, _ name: String) throws {
        let directory = "\(try Places.state())/seccomp"
        try Files.makeDirectories(directory)
        let temporary = "\(directory)/.\(name).\(getpid())"
        let words = program.instructions.map(\.word)
        unlink(temporary)
        let file = try Descriptor(opening: temporary, O_WRONLY | O_CREAT | O_EXCL, mode: 0o600)
        do {
            try ([magic, checksum(words)] + words).withUnsafeBytes {
                try file.write($0, name: temporary)
            }
            guard rename(temporary, "\(directory)/\(name)") == 0 else {
                throw SystemFault(errno, "replace", name)
            }
        } catch {
            unlink(temporary)
            throw error
        }
    }
}

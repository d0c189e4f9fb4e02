internal import CChild

/// Landlock as a second wall behind the mounts: what may be done below each of them is said again, to a part of the
/// kernel that looks at the file and not at the mount. Every kernel is asked for as much as it knows.
package enum Landlock {
    /// Whether a sandbox has it.
    package enum Use: String, Codable, Sendable, CaseIterable {
        /// Where the kernel does.
        case available
        /// Otherwise the sandbox is refused.
        case required
        case none
    }

    /// A version of the kernel's interface, and what came with it (`Documentation/userspace-api/landlock.rst`).
    package struct Rung: Equatable, Sendable {
        package let version: Int
        /// The first kernel that has it.
        package let kernel: String
        /// What it can judge that the one before could not, in words.
        package let brings: String
        /// `LANDLOCK_ACCESS_FS_*`.
        let rights: Rights
        /// `LANDLOCK_SCOPE_*`.
        let scopes: UInt64

        /// Whether a sandbox of ours is any tighter for it.
        var counts: Bool { rights != [] || scopes != 0 }
    }

    /// What a kernel of `version` judges in a sandbox, in words.
    static func judged(version: Int) -> String {
        ladder.filter { $0.version <= version && $0.counts }.map(\.brings).joined(separator: ", ")
    }

    /// From the first version to the newest that is documented. Of the last ones smelt has no use for threads, since a
    /// sandbox begins with one, nor for ports, since its network is its own.
    package static let ladder = [
        Rung(
            version: 1, kernel: "5.13", brings: "files and directories", rights: .first, scopes: 0),
        Rung(
            version: 2, kernel: "5.19", brings: "links and renames across directories",
            rights: .refer, scopes: 0),
        Rung(version: 3, kernel: "6.2", brings: "truncating", rights: .truncate, scopes: 0),
        Rung(version: 4, kernel: "6.7", brings: "TCP ports", rights: [], scopes: 0),
        Rung(version: 5, kernel: "6.10", brings: "device ioctls", rights: .ioctl, scopes: 0),
        Rung(
            version: 6, kernel: "6.12", brings: "abstract sockets and signals", rights: [],
            scopes: 0b11),
        Rung(version: 7, kernel: "6.15", brings: "what is logged", rights: [], scopes: 0),
        Rung(version: 8, kernel: "7.0", brings: "all threads at once", rights: [], scopes: 0),
        Rung(
            version: 9, kernel: "7.1", brings: "sockets that have a path", rights: .connect,
            scopes: 0),
        Rung(version: 10, kernel: "7.2", brings: "UDP ports", rights: [], scopes: 0),
    ]

    /// The newest version that this kernel has; nil without Landlock, or where it is not among the kernel's `lsm=`.
    package static var version: Int? {
        let answer = Int(child_landlock_version())
        return answer > 0 ? answer : nil
    }

    /// `LANDLOCK_ACCESS_FS_*`.
    struct Rights: OptionSet, Equatable, Sendable {
        let rawValue: UInt64

        static let execute = Rights(rawValue: 1 << 0)
        static let writeFile = Rights(rawValue: 1 << 1)
        static let readFile = Rights(rawValue: 1 << 2)
        static let list = Rights(rawValue: 1 << 3)
        static let makeCharacterDevice = Rights(rawValue: 1 << 6)
        static let makeBlockDevice = Rights(rawValue: 1 << 11)
        static let refer = Rights(rawValue: 1 << 13)
        static let truncate = Rights(rawValue: 1 << 14)
        static let ioctl = Rights(rawValue: 1 << 15)
        static let connect = Rights(rawValue: 1 << 16)
        /// All of version 1.
        static let first = Rights(rawValue: (1 << 13) - 1)
        static let all = Rights(rawValue: (1 << 17) - 1)

        static let read: Rights = [.execute, .readFile, .list]
        /// Devices are made by nobody inside, and none of a kind that a directory could hold is used there.
        static let write = all.subtracting([.makeCharacterDevice, .makeBlockDevice, .ioctl])
        static let use: Rights = [.readFile, .writeFile, .truncate, .ioctl]
    }

    /// The masks for a kernel that has `version`; what it does not know must be zero.
    static func masks(version: Int) -> child_landlock {
        let rungs = ladder.filter { $0.version <= version }
        let rights = rungs.reduce(into: Rights()) { $0.formUnion($1.rights) }
        // Nobody reads what a sandboxed program is refused in the log of the host's audit, which it could flood:
        // LANDLOCK_RESTRICT_SELF_LOG_SAME_EXEC_OFF and _SUBDOMAINS_OFF.
        let flags: UInt32 = version >= 7 ? 0b101 : 0
        return child_landlock(
            files: rights.rawValue, scopes: rungs.reduce(0) { $0 | $1.scopes },
            root: Rights.list.rawValue, flags: flags)
    }

    /// For a plan on this host: nil where it is not used.
    static func masks(for use: Use) throws(SandboxFault) -> child_landlock? {
        guard use != .none else { return nil }
        if let version { return masks(version: version) }
        if use == .required { throw .noLandlock }
        return nil
    }
}

extension Layout {
    /// What may be done below the mount. Sockets in what was granted may be connected to, those of the host view may
    /// not.
    func rights(below mount: Mount) -> Landlock.Rights {
        switch mount {
        case .bind(let index):
            let source = sources[index]
            if source.isDevice { return .use }
            if !source.readOnly { return .write }
            return source.isGranted ? Landlock.Rights.read.union(.connect) : .read
        case .file, .copy, .places: return .read
        case .secrets: return [.readFile, .list]
        case .scratch, .memory, .overlay: return .write
        // Limits of one's own processes are set there.
        case .proc: return [.readFile, .list, .execute, .writeFile, .truncate]
        case .terminals: return Landlock.Rights.use.union(.list)
        case .hide, .mask, .pin, .link: return []
        }
    }
}

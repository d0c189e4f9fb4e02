internal import Glibc

/// Where smelt keeps things on this machine.
package enum Places {
    /// `$SMELT_STATE_DIR`, else `$XDG_STATE_HOME/smelt`, else `~/.local/state/smelt`; made with mode
    /// 0700 and tried for locks.
    package static func state() throws -> String {
        let path = try configured("SMELT_STATE_DIR", "XDG_STATE_HOME", home: ".local/state")
        // What is acknowledged in it is kept only as long as it is.
        try Files.makeDirectories(path, isLasting: true)
        try checkOwner(of: path)
        guard try Lock.attempt("\(path)/.locks", .shared, creating: true) != nil else {
            throw PlaceFault.noLocks(path)
        }
        return path
    }

    /// The path of `state()` without a look at the disk; nil where nothing names one.
    package static var statePath: String? {
        try? configured("SMELT_STATE_DIR", "XDG_STATE_HOME", home: ".local/state")
    }

    /// Where a state directory has the environments.
    package static func environments(in state: String) -> String { "\(state)/environments" }

    /// `$SMELT_RUNTIME_DIR`, else `$XDG_RUNTIME_DIR/smelt`, else `run` in the state directory;
    /// made with mode 0700.
    package static func runtime() throws -> String {
        let path: String
        if let own = Environment.nonEmpty("SMELT_RUNTIME_DIR") {
            path = own
        } else if let base = Environment.nonEmpty("XDG_RUNTIME_DIR"), base.hasPrefix("/") {
            path = "\(base)/smelt"
        } else {
            path = "\(try state())/run"
        }
        guard path.hasPrefix("/") else { throw PlaceFault.relative("SMELT_RUNTIME_DIR", path) }
        try Files.makeDirectories(path)
        try checkOwner(of: path)
        return path
    }

    private static func configured(_ own: String, _ base: String, home: String) throws -> String {
        if let path = Environment.nonEmpty(own) {
            guard path.hasPrefix("/") else { throw PlaceFault.relative(own, path) }
            return path
        }
        // The XDG rules: a relative value is invalid and ignored.
        if let path = Environment.nonEmpty(base), path.hasPrefix("/") { return "\(path)/smelt" }
        guard let path = Environment.nonEmpty("HOME") else { throw PlaceFault.noHome(own) }
        return "\(path)/\(home)/smelt"
    }

    private static func checkOwner(of path: String) throws {
        var facts = stat()
        guard stat(path, &facts) == 0 else { throw SystemFault(errno, "look at", path) }
        guard facts.st_uid == geteuid() else { throw PlaceFault.foreign(path) }
        guard facts.st_mode & 0o022 == 0 else { throw PlaceFault.writable(path) }
    }
}

package enum PlaceFault: Fault {
    case relative(String, String)
    case noHome(String)
    case foreign(String)
    case writable(String)
    case noLocks(String)

    package var exit: Exit { .misconfigured }

    package var description: String {
        switch self {
        case .relative(let variable, let path):
            "\(variable) must be an absolute path, not '\(path)'"
        case .noHome(let variable):
            "there is no home directory to keep state in: set HOME or \(variable)"
        case .foreign(let path):
            "'\(path)' belongs to somebody else: name another directory in SMELT_STATE_DIR"
        case .writable(let path):
            "others may write in '\(path)': chmod go-w it"
        case .noLocks(let path):
            "the file system of '\(path)' has no locks: name a local one in SMELT_STATE_DIR"
        }
    }
}

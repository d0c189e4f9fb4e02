package import Records

/// What one command may touch and use: plain data, the same for a command of a user's and for a session. Everything
/// that is not granted is not there.
package struct Plan: Codable, Equatable, Sendable {
    package enum Network: String, Codable, Sendable, CaseIterable {
        /// A loopback of its own.
        case none
        /// The host's, with its abstract sockets.
        case host
        /// What `reach` allows, through `smelt-egress`.
        case allow
    }

    /// The program, looked for in the environment's `PATH` when it has no slash, and its arguments.
    package var command: [String]
    /// All of it: nothing is inherited. `Plan.environment` has what programs expect.
    package var environment: [String: String]
    /// Where the command starts; absolute, inside.
    package var directory: String
    /// Applied in order on top of the host view; a later one covers an earlier one.
    package var files: [Grant]
    /// Targets of `readOnly` and `readWrite` grants below which no symbolic link is followed, whoever made it.
    package var linkless: [String]
    /// A tree to show in place of the host's software: an absolute path without links. Nil: the host's.
    package var root: String?
    package var network: Network
    /// What may be reached where the network is `allow`.
    package var reach: Records.Network
    /// Wall time, silence, output and, with `DiskWatch`, the disk are the caller's to watch; the rest is set at the
    /// start.
    package var limits: Limits
    /// Whether somebody has set a quota for what is written, so that nobody needs to watch it.
    package var diskGuard: DiskGuard
    /// What asks the command to stop, by number.
    package var stopSignal: Int32
    /// From the stop signal until everything is killed.
    package var graceSeconds: Double
    /// The user on the host that the command runs as. Required of root, who may not run it as
    /// himself; for everybody else nil, and it is the caller. Inside it is always user 1000, `smelt`.
    package var hostUser: UInt32?
    /// The group, where it is not the one with the user's number.
    package var hostGroup: UInt32?
    /// Users and groups besides the one of each are there, for a command that changes between them; see
    /// `SubordinateIDs`.
    package var mapsUsers: Bool
    package var hostname: String
    /// The second wall; see `Landlock`.
    package var landlock: Landlock.Use
    /// Which system calls it may make.
    package var seccomp: SeccompPolicy
    /// In the namespaces of the sandbox.
    package var capabilities: Capabilities
    /// What each process may have at most, by the names of `ResourceLimits.kinds`.
    package var resourceLimits: [String: UInt64]
    /// The command has a terminal of its own in place of the caller's streams; alone only.
    package var terminal: Bool
    /// Go on without the limits that cannot be enforced here, instead of refusing.
    package var bestEffort: Bool
    /// What everything inside uses together is to be counted, where a control group for it can be had at no
    /// cost to others. Limits that need a group have one in any case.
    package var measured: Bool
    /// Calls that name files or addresses are watched for those that are refused, which makes them slow; see `Tracer`.
    package var traced: Bool
    /// The run that it belongs to, which its control group is named after.
    package var run: String?

    package init(
        command: [String], environment: [String: String] = Plan.environment,
        directory: String = "/", files: [Grant] = [], linkless: [String] = [], root: String? = nil,
        network: Network = .none,
        reach: Records.Network = Records.Network(), limits: Limits = Limits(),
        diskGuard: DiskGuard = .watched,
        stopSignal: Int32 = 15, graceSeconds: Double = 10,
        hostUser: UInt32? = nil, hostGroup: UInt32? = nil, mapsUsers: Bool = false,
        hostname: String = "smelt",
        landlock: Landlock.Use = .available, seccomp: SeccompPolicy = SeccompPolicy(),
        capabilities: Capabilities = .none, resourceLimits: [String: UInt64] = [:],
        terminal: Bool = false, bestEffort: Bool = false, measured: Bool = false,
        traced: Bool = false, run: String? = nil
    ) {
        self.command = command
        self.environment = environment
        self.directory = directory
        self.files = files
        self.linkless = linkless
        self.root = root
        self.network = network
        self.reach = reach
        self.limits = limits
        self.diskGuard = diskGuard
        self.stopSignal = stopSignal
        self.graceSeconds = graceSeconds
        self.hostUser = hostUser
        self.hostGroup = hostGroup
        self.mapsUsers = mapsUsers
        self.hostname = hostname
        self.landlock = landlock
        self.seccomp = seccomp
        self.capabilities = capabilities
        self.resourceLimits = resourceLimits
        self.terminal = terminal
        self.bestEffort = bestEffort
        self.measured = measured
        self.traced = traced
        self.run = run
    }

    /// A plan that somebody writes names what it needs, the rest is as in `init`. A member that there is not is an
    /// error: whoever misspells a limit must not run without it.
    package init(from decoder: any Decoder) throws {
        for member in try decoder.container(keyedBy: Member.self).allKeys
        where CodingKeys(stringValue: member.stringValue) == nil {
            throw SandboxFault.badPlan("it has no member '\(member.stringValue)'")
        }
        let words = try decoder.container(keyedBy: CodingKeys.self)
        self.init(command: try words.decode([String].self, forKey: .command))
        func take<Value: Decodable>(_ key: CodingKeys, _ value: inout Value) throws {
            value = try words.decodeIfPresent(Value.self, forKey: key) ?? value
        }
        try take(.environment, &environment)
        try take(.directory, &directory)
        try take(.files, &files)
        try take(.linkless, &linkless)
        root = try words.decodeIfPresent(String.self, forKey: .root)
        try take(.network, &network)
        try take(.reach, &reach)
        try take(.limits, &limits)
        try take(.diskGuard, &diskGuard)
        try take(.stopSignal, &stopSignal)
        try take(.graceSeconds, &graceSeconds)
        hostUser = try words.decodeIfPresent(UInt32.self, forKey: .hostUser)
        hostGroup = try words.decodeIfPresent(UInt32.self, forKey: .hostGroup)
        try take(.mapsUsers, &mapsUsers)
        try take(.hostname, &hostname)
        try take(.landlock, &landlock)
        try take(.seccomp, &seccomp)
        try take(.capabilities, &capabilities)
        try take(.resourceLimits, &resourceLimits)
        try take(.terminal, &terminal)
        try take(.bestEffort, &bestEffort)
        try take(.measured, &measured)
        try take(.traced, &traced)
        run = try words.decodeIfPresent(String.self, forKey: .run)
    }

    /// Any member's name, also one that means nothing.
    private struct Member: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }

        init(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }

    /// The user that every command is inside.
    package static let user: UInt32 = 1000
    package static let userName = "smelt"
    package static let home = "/home/smelt"

    /// Where programs are looked for: the usual places, and those of `host` (a `PATH`) that the host view
    /// shows, so that what is installed in `/opt` or `/nix` is found.
    package static func searchPath(with host: String?) -> String {
        var places = (environment["PATH"] ?? "").split(separator: ":").map(String.init)
        for place in (host ?? "").split(separator: ":").map(String.init)
        where !places.contains(place) && HostView.shows(place) { places.append(place) }
        return places.joined(separator: ":")
    }

    /// What programs expect to find in their environment, and nothing of the host's.
    package static let environment = [
        "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
        "HOME": home, "USER": userName, "LOGNAME": userName, "SHELL": "/bin/sh",
        "LANG": "C.UTF-8", "TMPDIR": "/tmp",
    ]
}

/// One thing brought into the sandbox, or taken out of it. Targets are absolute paths inside without `.` and `..`; no
/// part of one may be a symbolic link. Sources are absolute paths on the host without links.
package enum Grant: Codable, Equatable, Sendable {
    case readOnly(source: String, target: String)
    case readWrite(source: String, target: String)
    /// An empty directory or an unreadable file over what is there; it must be there.
    case hidden(target: String)
    /// The same, where nothing need be yet: nothing can be made there either. On the host an empty file stands in its
    /// place meanwhile.
    case masked(target: String)
    /// A device of the host, at its own name in `/dev`.
    case device(path: String)
    /// A private file system in memory of so many bytes at most.
    case temporary(target: String, sizeBytes: Int)
    /// Read-only directories, the first on top, under a writable one. `upper` and `work` lie in the
    /// same directory; with a host user they belong to it and the lower ones to the caller.
    case overlay(lower: [String], upper: String, work: String, target: String)
    /// A small file of ours that only reads.
    case file(contents: String, target: String, mode: UInt32)
    /// The same with what an open file of the caller's holds from its start on, copied at each launch.
    case copied(from: Int32, target: String, mode: UInt32)
    /// The same as `name` in `/run/secrets`, which is memory that is never swapped out, for the command's user alone.
    case secret(from: Int32, name: String)

    /// Where secrets are.
    package static let secrets = "/run/secrets"

    package var target: String {
        switch self {
        case .device(let path): path
        case .secret(_, let name): "\(Self.secrets)/\(name)"
        case .readOnly(_, let target), .readWrite(_, let target), .hidden(let target),
            .masked(let target),
            .temporary(let target, _), .overlay(_, _, _, let target), .file(_, let target, _),
            .copied(_, let target, _):
            target
        }
    }
}

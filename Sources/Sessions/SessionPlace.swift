internal import Glibc
internal import Records
internal import Runtimes
internal import Sandbox
internal import Smelt

/// A session's workspace with what belongs to it: a home, the task, the bundle of its work.
struct SessionPlace {
    let workspace: SessionWorkspace
    private let environment: SandboxEnvironment
    /// To where it is on an engine; nil for a sandbox.
    private(set) var connection: InsideConnection?
    /// Who looks at how much it has on disk, from the time on when somebody else's programs run; see `SessionDisk`.
    private(set) var watcher: DiskWatcher?
    /// On this host: what becomes the workspace.
    private let files: String
    /// Where `Salvage` leaves the work; the agent never sees this directory.
    let bundlePath: String
    private let taskPath: String
    private let home: String

    init(_ workspace: SessionWorkspace, in environment: SandboxEnvironment) {
        self.workspace = workspace
        self.environment = environment
        let name = Files.name(of: workspace.directory)
        bundlePath = "\(environment.directory)/\(name).bundle"
        taskPath = "\(environment.directory)/\(name).task"
        let parts = environment.isOnEngine ? ("parcel/home", "parcel/workspace") : ("home", "upper")
        home = "\(workspace.files)/\(parts.0)"
        files = "\(workspace.files)/\(parts.1)"
    }

    /// On an engine: has its container made, with what was brought so far.
    mutating func connect() throws {
        guard environment.isOnEngine else { return }
        let isOurs = environment.facts.engine?.carries == true
        try Files.makeDirectories(door, mode: isOurs ? 0o700 : 0o711)
        connection = try InsideConnection(environment.entry(environment.place(of: workspace)))
    }

    /// On an engine: what its containers see as `EnginePlace.door`, or ours alone where connections are carried here.
    var door: String { "\(workspace.directory)/door" }

    /// On an engine: what is there from now on may be somebody's work. Before that, nobody need look.
    func begin() throws {
        guard environment.isOnEngine else { return }
        _ = try Descriptor(opening: Salvage.mark(in: workspace.directory), O_WRONLY | O_CREAT)
    }

    /// Everything that runs there ends; what was written stays until the environment is removed.
    mutating func leave() { (connection, watcher) = (nil, nil) }

    var isWatched: Bool { environment.isWatched }

    mutating func watch(above before: DiskFound) throws {
        let command = try environment.watcher(environment.place(of: workspace))
        watcher = DiskWatcher(try InsideConnection(command), above: before)
    }

    /// How much it had on disk before anything of a session's was run there; nil where nobody has looked.
    var measured: DiskFound? {
        (try? Files.readText(measurePath, upTo: 64)).flatMap { DiskFound($0) }
    }

    /// From a look at all of it. What was brought there is not what there was: it counts as the session's own.
    func keep(measured found: DiskFound) throws -> DiskFound {
        var found = found
        let brought = try DiskWatch.bytes(in: home) + DiskWatch.bytes(in: files, hidden: [".git"])
        found.bytes = max(0, found.bytes - brought)
        try Files.replace(measurePath, with: Array(found.line.utf8))
        return found
    }

    private var measurePath: String { "\(workspace.directory)/measured" }

    /// On an engine: the bundle of a session's work comes with what is brought.
    func bring(bundle: String) throws {
        let path = "\(files)/.git/\(Files.name(of: Arrival.bundleOnEngine))"
        guard link(bundle, path) == 0 else { throw SystemFault(errno, "link", path) }
    }

    /// The home outlives the session's single programs, as homes do.
    var grants: [Grant] {
        environment.isOnEngine ? [] : [.readWrite(source: home, target: Plan.home)]
    }

    func makeHome(owner: UInt32?) throws {
        guard mkdir(home, 0o700) == 0 else {
            guard errno == EEXIST else { throw SystemFault(errno, "make directory", home) }
            return
        }
        if let owner, !environment.isOnEngine, chown(home, owner, owner) != 0 {
            throw SystemFault(errno, "give away", home)
        }
    }

    /// The task as a file that can be a program's standard input.
    func writeTask(_ task: String) throws -> String {
        try Files.replace(taskPath, with: Array(task.utf8))
        return taskPath
    }

    /// A target of the manifest as a path inside.
    static func inside(_ target: String) -> String {
        if target.hasPrefix("~/") { return Plan.home + target.dropFirst(1) }
        return Files.resolve(target, against: SandboxEnvironment.workspace)
    }

    static func isAtHome(_ target: String) -> Bool { inside(target).hasPrefix("\(Plan.home)/") }

    /// Copies what the manifest names into the home and the workspace, before anything has run there.
    /// What goes into the workspace is kept out of the commits.
    func bring(_ shares: [Workspace.Share], owner: UInt32?) throws {
        let mark = "\(workspace.directory)/brought"
        guard !shares.isEmpty, !Files.exists(mark) else { return }
        var excluded = ""
        for share in shares {
            let target = environment.path(inside: share.target)
            let path: String
            if Self.isAtHome(share.target) {
                path = home + target.dropFirst(environment.home.utf8.count)
            } else if target.hasPrefix("\(environment.workspace)/") {
                let relative = target.dropFirst(environment.workspace.utf8.count)
                path = files + relative
                excluded += "\(relative)\n"
            } else {
                throw SystemFault(EINVAL, "copy to", share.target)
            }
            try Files.makeDirectories(Files.parent(of: path), mode: 0o755)
            try copy(share.source, to: path)
        }
        if !excluded.isEmpty {
            let info = "\(files)/.git/info"
            try Files.makeDirectories(info, mode: 0o755)
            try Files.replace("\(info)/exclude", with: Array(excluded.utf8), mode: 0o644)
        }
        if let owner, !environment.isOnEngine { try give(to: owner) }
        try Files.replace(mark, with: [])
    }

    private func copy(_ source: String, to path: String) throws {
        let finished = try Command(
            "cp", "-R", "-L", "--preserve=mode,timestamps", "--reflink=auto", "-T", "--", source,
            path
        ).run()
        guard finished.succeeded else {
            let reason = finished.errors.split(separator: "\n").first.map(String.init) ?? ""
            throw SessionFault.notCopied(source: source, reason: Visible.line(reason))
        }
    }

    private func give(to owner: UInt32) throws {
        let finished = try Command(
            "chown", "-R", "-h", "\(owner):\(owner)", "--", home, files
        ).run()
        guard finished.succeeded else { throw SystemFault(EPERM, "give away", home) }
    }
}

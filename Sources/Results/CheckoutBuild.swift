internal import CSystem
internal import Glibc
internal import Smelt

/// Makes one checkout. git writes the files with a configuration that is ours alone, so there are
/// no filters, drivers or hooks for the repository's attributes to name; conversions that git does
/// by itself (line ends, `ident`, `working-tree-encoding`) happen as in any clone.
///
/// Every file's time is then set to one moment in the past, on the disk and in the index. Within a
/// session git compares whole seconds and sizes (`core.checkStat=minimal`): no file can be changed
/// in the second that the index knows, so none must be read again, and one that does not survive
/// its own conversion is still clean, as after a clone.
struct CheckoutBuild {
    let commit: String
    let git: Git
    let directory: String

    init(commit: String, from git: Git, beneath directory: String) {
        self.commit = commit
        self.git = git
        self.directory = directory
    }

    /// 2001-01-01T00:00:00Z
    static let moment = 978_307_200

    func make() throws {
        // Killed here, the next gc removes it.
        let building = "\(directory)/.new-\(commit).\(RunID.make())"
        try Files.makeDirectories(building)
        // Modes come from the tree alone; an agent runs as somebody else.
        let mask = umask(0o022)
        defer { umask(mask) }
        let warnings = try fill("\(building)/tree")
        let lines = warnings.map { "\($0)\n" }.joined()
        try Files.replace("\(building)/warnings", with: Array(lines.utf8))
        let whole = try Descriptor(opening: building, O_RDONLY | O_DIRECTORY)
        // What is renamed is on the disk: a checkout is trusted for as long as it is there.
        guard system_sync_all(whole.number) == 0 else { throw SystemFault(errno, "sync", building) }
        guard rename(building, "\(directory)/\(commit)") == 0 else {
            throw SystemFault(errno, "create", "\(directory)/\(commit)")
        }
    }

    private func fill(_ tree: String) throws -> [String] {
        let own = "\(tree)/.git"
        for name in ["objects/pack", "objects/info", "refs/heads", "refs/tags", "info"] {
            try Files.makeDirectories("\(own)/\(name)", mode: 0o755)
        }
        try write(Self.configuration, to: "\(own)/config")
        try write("\(commit)\n", to: "\(own)/HEAD")
        try Packs.write(commit, from: git, into: "\(own)/objects")

        let checkout = Git(own)
        try run(checkout, tree, ["read-tree", "-m", "-u", commit])
        let entries = try IndexEntries(
            run(checkout, tree, ["ls-files", "--stage", "-z"]), beneath: tree)
        try entries.setTimes(to: Self.moment)
        try IndexFile(path: "\(own)/index").setTimes(to: UInt32(Self.moment))
        // git computes the checksum anew, and notes that it saw every file as it was.
        try run(checkout, tree, ["update-index", "--fsmonitor"], monitor: Self.nothingChanged)
        try run(checkout, tree, ["update-index", "-q", "--refresh"], monitor: Self.nothingChanged)
        return entries.warnings
    }

    @discardableResult
    private func run(
        _ git: Git, _ tree: String, _ arguments: [String], monitor: String = "false"
    ) throws -> [UInt8] {
        var command = git.command(
            ["--work-tree", tree, "-c", "core.fsmonitor=\(monitor)"] + arguments)
        command.output = .captured(limit: 1 << 30)
        let finished = try command.run()
        guard finished.succeeded else { throw GitFault(arguments[0], finished) }
        return finished.output
    }

    private func write(_ text: String, to path: String) throws {
        let file = try Descriptor(opening: path, O_WRONLY | O_CREAT | O_EXCL, mode: 0o644)
        var text = text
        try text.withUTF8 { try file.write(UnsafeRawBufferPointer($0), name: path) }
    }

    /// A monitor's answer, as a command of the shell.
    private static let nothingChanged = "printf 'smelt\\0' #"

    /// The monitor is what a sandbox has at this place; see `Changed` in Runtimes.
    private static let configuration = """
        [core]
        \trepositoryformatversion = 0
        \tfilemode = true
        \tbare = false
        \tlogallrefupdates = true
        \tcheckStat = minimal
        \ttrustctime = false
        \tfsmonitor = sh /run/smelt/changed
        \tfsmonitorHookVersion = 2

        """
}

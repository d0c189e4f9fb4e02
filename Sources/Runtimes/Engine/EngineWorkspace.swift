internal import Glibc
internal import Records
internal import Sandbox
package import Smelt

/// A workspace on an engine: what is brought there, as directories on this host. It is sent once, as an archive, when
/// the place is made; the files themselves are checked out inside, from the base's objects.
enum EngineWorkspace {
    /// In a workspace's directory here: what becomes `EnginePlace.workspace`, and beside it the home.
    static let parcel = "parcel/workspace"
    static let home = "parcel/home"

    /// git's configuration inside.
    static let gitSettings = "\(EnginePlace.memory)/gitconfig"

    static func settings(for style: CommitStyle) -> Grant {
        .file(contents: GitSettings.text(for: style), target: gitSettings, mode: 0o444)
    }

    /// Brings the files to the commit of the branch, once: who comes again finds what was done.
    static let checkOut = [
        "/bin/sh", "-c",
        "[ -e .git/index ] || exec git -c core.hooksPath=/dev/null read-tree --reset -u HEAD",
    ]

    /// What the repository in the parcel needs besides the branch.
    static func fill(_ building: String, hasStart: Bool) throws {
        let git = "\(building)/\(parcel)/.git"
        try Files.makeDirectories("\(building)/\(home)", mode: 0o700)
        try Files.makeDirectories("\(git)/objects/info", mode: 0o755)
        try Files.makeDirectories("\(git)/info", mode: 0o755)
        let alternates =
            [EnginePlace.objects] + (hasStart ? [EnginePlace.start] : [])
        for (name, text) in [
            ("config", "[core]\n\trepositoryformatversion = 0\n\tbare = false\n"),
            ("objects/info/alternates", alternates.map { "\($0)\n" }.joined()),
        ] {
            try Files.replace("\(git)/\(name)", with: Array(text.utf8), mode: 0o644)
        }
    }
}

extension SandboxEnvironment {
    /// A target of the manifest as a path inside: `/workspace` and `/home/smelt` are meant wherever they are.
    package func path(inside target: String) -> String {
        let path =
            target.hasPrefix("~/")
            ? Plan.home + target.dropFirst(1) : Files.resolve(target, against: Self.workspace)
        for (usual, own) in [(Self.workspace, workspace), (Plan.home, home)]
        where Files.lies(path, in: usual) {
            return own + path.dropFirst(usual.utf8.count)
        }
        return path
    }

    /// Where a place's directory is here.
    package func directory(of place: EnginePlace) -> String {
        "\(directory)/\(place.kind == .session ? "sessions" : "gates")/\(place.name)"
    }

    /// The place of a workspace.
    package func place(of workspace: SessionWorkspace) -> EnginePlace {
        let isGate = Files.parent(of: workspace.directory) == "\(directory)/gates"
        return EnginePlace(isGate ? .gate : .session, Files.name(of: workspace.directory))
    }

    /// All that were made, whether their containers are there or not.
    var places: [EnginePlace] {
        func visible(_ name: String) -> Bool { !name.hasPrefix(".") }
        return Files.names(in: "\(directory)/sessions").filter(visible).map {
            EnginePlace(.session, $0)
        }
            + Files.names(in: "\(directory)/gates").filter(visible).map { EnginePlace(.gate, $0) }
    }

    /// Whether what was done in the place may be nowhere else: a session has begun there, and has not ended with a commit.
    func hasWork(_ place: EnginePlace) -> Bool {
        guard place.kind == .session, Files.exists(Salvage.mark(in: directory(of: place))) else {
            return false
        }
        let end = (try? Files.read(memory(of: place.name))).flatMap {
            try? RecordJSON.decode(SessionFinished.self, from: $0)
        }
        return end?.commit == nil
    }

    /// The command that becomes a connection to the place, which it makes; with `again` to what is left of it.
    package func entry(_ place: EnginePlace, again: Bool = false) throws -> Command {
        let request = EntryRequest(
            environment: directory, place: place, purpose: again ? .rescuing : .working)
        let path = "\(directory(of: place))/entry.json"
        try Files.replace(path, with: request.bytes())
        return Command(SandboxedGit.program, "--enter", path)
    }
}

internal import Glibc
internal import Smelt

/// A plan's file system as the list of what to open and what to mount, in order. It is the whole policy of files:
/// below it there are only system calls.
struct Layout {
    /// A piece of the host.
    struct Source: Equatable {
        var path: String
        var recursive = true
        var readOnly = true
        var isDevice = false
        /// Somebody asked for it; the rest is what every sandbox shows.
        var isGranted = false
        /// One of what lies in a directory: when it is gone by the time that it is mounted, it is left out.
        var isFleeting = false
        /// No symbolic link below it is followed.
        var isLinkless = false
        /// Files of the owner of this directory are to look like the command's own.
        var mapsOwner = false

        static func device(_ path: String) -> Source {
            Source(path: path, recursive: false, readOnly: false, isDevice: true)
        }
    }

    /// A file of `/run/secrets`.
    struct Secret: Equatable {
        var name: String
        var descriptor: Int32
    }

    enum Mount: Equatable {
        case bind(source: Int)
        case file(contents: String, mode: UInt32)
        case copy(of: Int32, mode: UInt32)
        case scratch(mode: UInt32, isLinkless: Bool = false)
        case hide
        case mask
        case pin
        case memory(bytes: Int)
        case secrets([Secret])
        case overlay(lower: [Int], top: Int, upper: String, work: String)
        /// A read-only directory with empty places added, relative, those of directories with a slash at the end.
        case places(lower: Int, names: [String])
        case proc
        case terminals
        case link(to: String)
    }

    private(set) var sources: [Source] = []
    private(set) var mounts: [(target: String, mount: Mount)] = []

    init(_ plan: Plan) throws(SandboxFault) {
        let view = BaseView(root: plan.root)
        let own = view.files(for: plan)
        for grant in own + plan.files { try Self.check(grant) }
        try Self.check(linkless: plan)
        var wanted = own + plan.files
        if view != .host {
            wanted += HostView.scratch.map { .temporary(target: $0.0, sizeBytes: 1) }
        }
        let missing = MissingPlaces(for: wanted, in: view, isPrivileged: plan.hostUser != nil)
        try show(view.pieces(), of: view, missing)
        add(missing, in: view)
        if view == .host {
            for path in Homes.present { mounts.append((path, .scratch(mode: 0o755))) }
            for path in Secrets.present(for: plan) { mounts.append((path, .hide)) }
        }
        addDevices(beside: view)
        for (target, mode) in HostView.scratch {
            mounts.append(
                (target, .scratch(mode: mode, isLinkless: HostView.linkless.contains(target))))
        }
        // Some lie in the private /run.
        for grant in own { try add(grant, mapsOwners: false) }
        for grant in plan.files {
            if case .masked(let target) = grant { pin(above: target, in: plan.files) }
            try add(grant, mapsOwners: plan.hostUser != nil)
            if plan.linkless.contains(grant.target) { stopLinks() }
        }
        for target in plan.secretPlaces { mounts.append((target, .hide)) }
        try addSecrets(plan.files)
    }

    /// On top of everything: nothing that is granted comes between them and the command.
    private mutating func addSecrets(_ grants: [Grant]) throws(SandboxFault) {
        var secrets: [Secret] = []
        for case .secret(let number, let name) in grants {
            guard SafeName.isPlain(name) else {
                throw .badPlan("'\(Visible.line(name))' is no name for a secret")
            }
            guard !secrets.contains(where: { $0.name == name }) else {
                throw .badPlan("there are two secrets '\(name)'")
            }
            secrets.append(Secret(name: name, descriptor: number))
        }
        if !secrets.isEmpty { mounts.append((Grant.secrets, .secrets(secrets))) }
    }

    private mutating func source(_ source: Source) -> Int {
        sources.append(source)
        return sources.count - 1
    }

    private mutating func bind(_ new: Source, at target: String) {
        mounts.append((target, .bind(source: source(new))))
    }

    /// In what was bound last.
    private mutating func stopLinks() {
        guard case .bind(let source)? = mounts.last?.mount else { return }
        sources[source].isLinkless = true
    }

    private mutating func show(
        _ pieces: [(String, BaseView.Piece)], of view: BaseView, _ missing: MissingPlaces,
        isApart: Bool = false
    ) throws(SandboxFault) {
        for (target, piece) in pieces {
            switch piece {
            case .mount where missing.takesApart(target):
                try show(view.pieces(in: target), of: view, missing, isApart: true)
            case .mount(let path, let recursive):
                bind(Source(path: path, recursive: recursive, isFleeting: isApart), at: target)
            case .link(let goal): mounts.append((target, .link(to: goal)))
            }
        }
    }

    private mutating func addDevices(beside view: BaseView) {
        mounts.append(("/proc", .proc))
        for path in HostView.masked where Files.exists(path) { mounts.append((path, .hide)) }
        for path in HostView.devices where Files.exists(path) { bind(.device(path), at: path) }
        mounts.append(("/dev/pts", .terminals))
        for (path, goal) in HostView.links where view == .host || !view.shows(path) {
            mounts.append((path, .link(to: goal)))
        }
    }

    private mutating func add(_ grant: Grant, mapsOwners: Bool) throws(SandboxFault) {
        switch grant {
        case .readOnly(let path, let target): bind(Source(path: path, isGranted: true), at: target)
        case .readWrite(let path, let target):
            bind(Source(path: path, readOnly: false, isGranted: true), at: target)
        case .hidden(let target): mounts.append((target, .hide))
        case .masked(let target): mounts.append((target, .mask))
        case .device(let path):
            var facts = stat()
            guard stat(path, &facts) == 0,
                [S_IFCHR, S_IFBLK].contains(facts.st_mode & S_IFMT)
            else { throw .badDevice(path) }
            bind(.device(path), at: path)
        case .secret: break
        case .temporary(let target, let bytes): mounts.append((target, .memory(bytes: bytes)))
        case .file(let contents, let target, let mode):
            mounts.append((target, .file(contents: contents, mode: mode)))
        case .copied(let number, let target, let mode):
            mounts.append((target, .copy(of: number, mode: mode)))
        case .overlay(let lower, let upper, let work, let target):
            let top = Files.parent(of: upper)
            guard !lower.isEmpty, Files.parent(of: work) == top, upper != work else {
                throw .badPlan("an overlay's upper and work directories must lie side by side")
            }
            let layers = lower.map {
                source(Source(path: $0, recursive: false, mapsOwner: mapsOwners))
            }
            let writable = source(Source(path: top, recursive: false, readOnly: false))
            let mount = Mount.overlay(
                lower: layers, top: writable, upper: Files.name(of: upper),
                work: Files.name(of: work))
            mounts.append((target, mount))
        }
    }

    /// The overlays that bring them; what is mounted below on the host is put back.
    private mutating func add(_ missing: MissingPlaces, in view: BaseView) {
        for directory in missing.directories where !directory.isApart {
            let lower = source(Source(path: directory.source, recursive: false))
            mounts.append((directory.path, .places(lower: lower, names: directory.names)))
            for point in directory.mounted {
                guard let target = view.target(of: point) else { continue }
                bind(Source(path: point, recursive: false), at: target)
            }
        }
    }

    /// What is masked must not be made anew at its name, so the directories between it and what was granted stay where
    /// they are.
    private mutating func pin(above target: String, in grants: [Grant]) {
        let tops = grants.compactMap { grant -> String? in
            if case .readWrite(_, let top) = grant { return top }
            return nil
        }
        var pins: [String] = []
        var above = Files.parent(of: target)
        while tops.contains(where: { above.hasPrefix($0 + "/") }) {
            pins.append(above)
            above = Files.parent(of: above)
        }
        for place in pins.reversed() where !mounts.contains(where: { $0 == (place, .pin) }) {
            mounts.append((place, .pin))
        }
    }

    private static func check(linkless plan: Plan) throws(SandboxFault) {
        for target in plan.linkless {
            let isBound = plan.files.contains { grant in
                switch grant {
                case .readOnly(_, target), .readWrite(_, target): true
                default: false
                }
            }
            guard isBound else { throw .nothingLinkless(target) }
        }
    }

    /// Text from outside becomes a path for the kernel: only the plain form is taken.
    private static func check(_ grant: Grant) throws(SandboxFault) {
        let parts = grant.target.split(separator: "/", omittingEmptySubsequences: false)
        var isDevice = false
        if case .device = grant { isDevice = true }
        let own = ["/proc", "/dev"].contains {
            Files.lies(grant.target, in: $0)
        }
        guard parts.count > 1, parts[0].isEmpty, !grant.target.utf8.contains(0), own == isDevice,
            !isDevice || parts[1] == "dev",
            parts.dropFirst().allSatisfy({ !$0.isEmpty && $0 != "." && $0 != ".." })
        else { throw isDevice ? .badDevice(grant.target) : .badTarget(grant.target) }
    }
}

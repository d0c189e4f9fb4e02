import FoundationEssentials
import Glibc
import Records
import Sandbox
import Smelt

/// The plan of a command alone: from the options, or whole from a descriptor.
enum AlonePlan {
    static func make(_ words: Words) throws -> Plan {
        if let text = words[AloneOptions.plan] {
            guard let number = AloneOptions.descriptor(text) else {
                throw Usage("--plan needs a descriptor from 3, not '\(text)'")
            }
            guard words.operands.isEmpty else {
                throw Usage("--plan has the command: none can be given")
            }
            var plan = try read(number)
            // Whom root did not name, root does not mean to be.
            if geteuid() == 0 { plan.hostUser = try plan.hostUser ?? HostUsers.configured().alone }
            return plan
        }
        var plan = Plan(
            command: words.operands, environment: try AloneOptions.environment(of: words))
        let here = try start(words)
        let grants = try self.grants(words)
        plan.files = grants
        if !here.isBroad, !grants.contains(where: { $0.shows(here.path) }) {
            plan.files.insert(.readOnly(source: here.path, target: here.path), at: 0)
        }
        plan.directory = try directory(words, here, plan.files)
        plan.network = Plan.Network(rawValue: words[AloneOptions.network] ?? "none") ?? .none
        plan.limits = AloneOptions.limits(of: words)
        plan.stopSignal = words[AloneOptions.stopSignal] ?? plan.stopSignal
        plan.graceSeconds = words[AloneOptions.grace] ?? plan.graceSeconds
        plan.landlock =
            words[AloneOptions.landlock].flatMap(Landlock.Use.init) ?? plan.landlock
        plan.capabilities = try Capabilities(words.all(AloneOptions.keep))
        plan.resourceLimits = Dictionary(
            words.all(AloneOptions.rlimit).map { ($0.name, $0.amount) }
        ) {
            $1
        }
        plan.terminal = words[AloneOptions.terminal]
        plan.bestEffort = words[AloneOptions.bestEffort]
        if geteuid() == 0 {
            plan.hostUser = try hostUser(writing: grants)
            // The group with an owner's number may be anybody's; this one is nobody's.
            plan.hostGroup = try HostUsers.configured().alone
        }
        return plan
    }

    private static func read(_ number: Int32) throws -> Plan {
        let bytes = try Descriptor(owning: number).readAll(upTo: 4 << 20, name: "the plan")
        do { return try JSONDecoder().decode(Plan.self, from: Data(bytes)) } catch {
            if let fault = error as? SandboxFault { throw fault }
            throw SandboxFault.badPlan("descriptor \(number) has no valid one: \(error)")
        }
    }

    /// Parents before what lies in them, so that the most specific option decides; at the same place writing wins
    /// over reading and hiding over both.
    private static func grants(_ words: Words) throws -> [Grant] {
        var grants: [Grant] = []
        for path in words.all(AloneOptions.readOnly) {
            let real = try Files.canonical(path)
            grants.append(.readOnly(source: real, target: real))
        }
        for path in words.all(AloneOptions.readWrite) {
            let real = try Files.canonical(path)
            grants.append(.readWrite(source: real, target: real))
        }
        for text in words.all(AloneOptions.bind) {
            var parts = text.split(separator: ":", omittingEmptySubsequences: false).map(
                String.init)
            let reads = parts.count == 3 && parts[2] == "ro"
            if reads { parts.removeLast() }
            guard parts.count == 2, parts.allSatisfy({ !$0.isEmpty }) else {
                throw Usage("--bind needs SRC:DST or SRC:DST:ro, not '\(text)'")
            }
            let real = try Files.canonical(parts[0])
            grants.append(
                reads
                    ? .readOnly(source: real, target: parts[1])
                    : .readWrite(source: real, target: parts[1]))
        }
        for path in words.all(AloneOptions.hide) {
            // What is hidden may exist inside only, at the target of a --bind.
            let whole = Files.resolve(path, against: Files.workingDirectory)
            grants.append(.hidden(target: (try? Files.canonical(whole)) ?? whole))
        }
        return grants.enumerated().sorted {
            let (left, right) = ($0.element.depth, $1.element.depth)
            return left == right ? $0.offset < $1.offset : left < right
        }.map(\.element)
    }

    /// Where the caller is, and whether showing that would show a home, or other places that are never shown unasked.
    private static func start(_ words: Words) throws -> (path: String, isBroad: Bool) {
        let path = try Files.canonical(".")
        let private_ = [
            "/tmp", "/var/tmp", "/run", "/proc", "/dev", "/sys", "/root", "/home", "/mnt", "/media",
        ]
        let home = Environment.nonEmpty("HOME").flatMap { try? Files.canonical($0) }
        let homes = private_ + (home.map { [$0] } ?? [])
        let inside = ["/run/", "/proc/", "/dev/", "/sys/"].contains { path.hasPrefix($0) }
        let isHome = path.hasPrefix("/home/") && path.split(separator: "/").count == 2
        let above = homes.contains { $0 == path || $0.hasPrefix(path == "/" ? "/" : path + "/") }
        return (path, inside || isHome || above || HostView.shows(path))
    }

    private static func directory(
        _ words: Words, _ here: (path: String, isBroad: Bool), _ files: [Grant]
    ) throws -> String {
        if let asked = words[AloneOptions.directory] {
            return asked.hasPrefix("/") ? asked : try Files.canonical(asked)
        }
        let visible = files.contains { $0.shows(here.path) } || HostView.shows(here.path)
        return visible || ["/", "/tmp", "/var/tmp"].contains(here.path) ? here.path : Plan.home
    }

    /// Root runs the command as the owner of what it may write, else as the first of the users for sandboxes. What
    /// belongs to root is not written by anybody else: a file left there with a set-user-id bit would be root.
    private static func hostUser(writing grants: [Grant]) throws -> UInt32 {
        var user: UInt32?
        for grant in grants {
            guard case .readWrite(let source, _) = grant else { continue }
            var facts = stat()
            guard stat(source, &facts) == 0 else { throw SystemFault(errno, "look at", source) }
            if facts.st_mode & 0o002 != 0 { continue }
            guard facts.st_uid != 0 else { throw AloneFault.ownedByRoot(source) }
            user = user ?? facts.st_uid
        }
        return try user ?? HostUsers.configured().alone
    }
}

/// What only a command alone can do wrong.
enum AloneFault: Fault {
    case ownedByRoot(String)
    case notOpen(Int32)

    var exit: Exit { .refused }

    var description: String {
        switch self {
        case .ownedByRoot(let path):
            "could not let the command write in '\(path)': it belongs to root, as whom no command runs"
        case .notOpen(let number): "could not use descriptor '\(number)': it is not open"
        }
    }

    var hint: String? {
        switch self {
        case .ownedByRoot: "chown it to another user, whom the command will then run as"
        case .notOpen: nil
        }
    }
}

extension Grant {
    var depth: Int { target.utf8.count { $0 == UInt8(ascii: "/") } }

    /// Whether a path can be seen inside because of this.
    func shows(_ path: String) -> Bool {
        switch self {
        case .hidden: false
        default: path == target || path.hasPrefix(target + "/")
        }
    }
}

import FoundationEssentials
import Glibc
import Policies
import Records
import Sandbox
import Smelt

/// The plan of a command alone: from the options, or whole from a descriptor.
enum AlonePlan {
    static func make(_ words: Words, _ asked: AlonePolicy) throws -> Plan {
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
        let policy = asked.policy
        let lost = Lost()
        var plan = Plan(
            command: words.operands, environment: try AloneOptions.environment(of: policy, lost))
        plan.root = try policy.root.flatMap(lost.real)
        plan.hostname = policy.hostname ?? plan.hostname
        let here = try start(BaseView(root: plan.root))
        let grants = try AloneGrants.make(policy, lost)
        try lost.check()
        plan.files = grants
        if !here.isBroad, !grants.contains(where: { $0.shows(here.path) }) {
            plan.files.insert(.readOnly(source: here.path, target: here.path), at: 0)
        }
        plan.directory = try directory(policy, here, plan)
        plan.linkless = policy.linkless.map { AloneGrants.place($0.value) }
        plan.files = try PolicyGuard.protect(StateGuard.protect(plan.files), asked.files)
        plan.files += try AloneSecret.keep(policy)
        try AloneNetwork.set(policy, &plan)
        plan.limits = policy.limits
        plan.stopSignal = policy.stopSignal ?? plan.stopSignal
        plan.graceSeconds = policy.graceSeconds ?? plan.graceSeconds
        plan.landlock = policy.landlock ?? plan.landlock
        plan.seccomp = policy.seccomp ?? plan.seccomp
        plan.mapsUsers = policy.mapsUsers ?? false
        plan.capabilities = try Capabilities(policy.capabilities)
        plan.resourceLimits = policy.resourceLimits
        plan.terminal = policy.terminal ?? false
        plan.bestEffort = policy.bestEffort ?? false
        plan.traced = policy.tracesDenials ?? false
        // Counting costs time: for those who want to know.
        plan.measured = words[AloneOptions.report] != nil || words[AloneOptions.events] != nil
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

    /// Where the caller is, and whether showing that would show a home, or other places that are never shown unasked.
    private static func start(_ view: BaseView) throws -> (path: String, isBroad: Bool) {
        let path = try Files.canonical(".")
        let private_ = [
            "/tmp", "/var/tmp", "/run", "/proc", "/dev", "/sys", "/root", "/home", "/mnt", "/media",
        ]
        let home = Environment.nonEmpty("HOME").flatMap { try? Files.canonical($0) }
        let homes = private_ + (home.map { [$0] } ?? [])
        let inside = ["/run/", "/proc/", "/dev/", "/sys/"].contains { path.hasPrefix($0) }
        let isHome = path.hasPrefix("/home/") && path.split(separator: "/").count == 2
        let above = homes.contains { $0 == path || $0.hasPrefix(path == "/" ? "/" : path + "/") }
        return (path, inside || isHome || above || view == .host && view.shows(path))
    }

    private static func directory(
        _ policy: Policy, _ here: (path: String, isBroad: Bool), _ plan: Plan
    ) throws -> String {
        if let asked = policy.directory {
            return asked.hasPrefix("/") ? asked : try Files.canonical(asked)
        }
        let isHost = plan.root == nil && BaseView.host.shows(here.path)
        let visible = isHost || plan.files.contains { $0.shows(here.path) }
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
    case directory(Int32)
    case notLetBegin(Int32)
    case ownState(String)
    case replaceable(policy: String, link: String)
    case notPlain(String)
    case noSecret(String, KeptSecretFault)

    /// Whether it waited for somebody who is gone.
    var isNotBegun: Bool { if case .notLetBegin = self { true } else { false } }

    var exit: Exit {
        if case .noSecret(_, let fault) = self { fault.exit } else { .refused }
    }

    var code: String {
        if case .noSecret(_, let fault) = self { fault.code } else { "refused" }
    }

    var description: String {
        switch self {
        case .ownedByRoot(let path):
            "could not let the command write in '\(path)': it belongs to root, as whom no command runs"
        case .notOpen(let number): "could not use descriptor '\(number)': it is not open"
        case .directory(let number):
            "could not hand descriptor '\(number)' to the command: it is a directory, from which all of the host could be reached"
        case .notLetBegin(let number):
            "did not begin: descriptor '\(number)' was closed before a byte came"
        case .ownState(let path):
            "could not let the command write in '\(path)': smelt keeps there what it believes later"
        case .replaceable(let policy, let link):
            "could not trust '\(policy)': the command could replace the link '\(link)' on the way to it"
        case .noSecret(let name, let fault): "could not get the secret '\(name)': \(fault)"
        case .notPlain(let path): "could not replace '\(path)' by the report: it is no plain file"
        }
    }

    var hint: String? {
        switch self {
        case .ownedByRoot: "chown it to another user, whom the command will then run as"
        case .notPlain: "--events writes to what is there"
        case .replaceable: "name the file itself, or keep it elsewhere"
        case .notOpen, .directory, .notLetBegin, .ownState, .noSecret: nil
        }
    }
}

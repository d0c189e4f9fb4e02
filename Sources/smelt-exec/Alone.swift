import Glibc
import Policies
import Records
import Sandbox
import Smelt
import Toml

/// One command in a sandbox: 0 to 2 are its own, its status is ours, and ours are 125 and above.
enum Alone {
    /// For every failure of ours before or instead of the command, as `env(1)` and `timeout(1)` have it.
    static let failed: Int32 = 125

    static func run(_ words: Words) -> Never {
        letGoOfDirectory()
        var report: AloneReport?
        do {
            // Before we open anything: a descriptor of ours must not pass for one of the caller's.
            let theirs = try AloneOptions.checkDescriptors(of: words)
            let gate = try AloneGate(words)
            Interruption.install()
            report = try AloneReport(words)
            let asked = try AlonePolicy(words)
            // Before anything copies the environment.
            try KeptSecrets.keep(asked.policy.brokers)
            try AloneSecret.keep(asked.policy)
            if words[AloneOptions.task] != nil {
                try gate.pass()
                exit(try TaskRun(words, asked, report).untilOver())
            }
            let plan = try AlonePlan.make(words, asked)
            report?.plan = plan
            try AloneOptions.checkDescriptors(of: plan, among: theirs)
            let enforcement = try self.enforcement(of: plan, report)
            warn(of: plan, enforcement)
            let verdict = try watch(plan, enforcement, report) { try gate.pass() }
            try report?.finish(verdict)
            exit(verdict.status)
        } catch let fault as AloneFault where fault.isNotBegun {
            // No record says how it ended, for it is not even one that began: whoever was to note it begins another.
            exit(complain(of: fault, nil))
        } catch let fault as Cancelled {
            // As if the signal had come before we listen to it. Whoever sent it knows why.
            report?.fail(fault)
            exit(fault.exit.rawValue)
        } catch {
            exit(complain(of: error, report))
        }
    }

    /// Tells of it in a sentence and in a record; the status to end with.
    static func complain(of error: any Error, _ report: AloneReport?) -> Int32 {
        let fault = error as? any Fault ?? SystemFault(0, "run", "\(error)")
        let word = "(\(fault.code), \(fault.exit.rawValue))"
        let usage =
            fault is Smelt.Usage
            ? "\nusage: smelt-exec [OPTION...] [-- COMMAND [ARGUMENT...]]" : ""
        let hint = fault.hint.map { "; \($0)" } ?? ""
        if let file = fileOfProblems(fault) {
            // Problems of a file stand as they are, so that editors find their places.
            say("\(fault)\nsmelt-exec: could not use '\(file)' \(word)\n")
        } else {
            say("smelt-exec: \(fault)\(hint) \(word)\(usage)\n")
        }
        report?.fail(fault)
        return status(of: fault)
    }

    /// The first file with problems, where that is what a fault is about.
    static func fileOfProblems(_ fault: any Fault) -> String? {
        if case .invalid(let file, _) = fault as? SourceFault { return file }
        guard case .invalid(let all) = fault as? PolicyFault else { return nil }
        return all.first.flatMap(fileOfProblems)
    }

    /// What holds the plan's limits here; the report is told what does not.
    static func enforcement(
        of plan: Plan, _ report: AloneReport?
    ) throws -> Enforcement {
        let enforcement = try Enforcement(plan)
        report?.notEnforced = enforcement.missing
        return enforcement
    }

    /// Runs a plan from its start to its end, which the caller reports. Its first process starts when `mayStart` returns.
    static func watch(
        _ plan: Plan, _ enforcement: Enforcement, _ report: AloneReport?,
        mayStart: () throws -> Void = {}
    ) throws -> Verdict {
        // Silence and size can only be seen by reading what the command prints; else it has our streams themselves.
        let limits = plan.limits
        let isRead = limits.idleSeconds != nil || limits.outputBytes != nil
        let terminal = plan.terminal ? AloneTerminal() : nil
        var relay = isRead && terminal == nil ? try AloneRelay(most: limits.outputBytes) : nil
        var streams = Launch.Streams()
        streams.terminal = terminal?.inner
        if let relay { (streams.output, streams.errors) = relay.commandEnds }
        let placeholders = AlonePlaceholders(plan)
        defer { placeholders.remove() }
        let egress = try EgressService(plan)
        let denials = report?.tellsCalls == true ? Denials() : nil
        let disk = try DiskWatch(plan, counting: .growth)
        let ready = try Launch.prepare(plan, streams, egress, enforcement, denials: denials)
        try mayStart()
        let running = try ready.start()
        relay?.closeCommandEnds()
        if let terminal {
            terminal.begin()
            relay = AloneRelay(most: limits.outputBytes, terminal: terminal.inner)
        }
        try report?.start()
        disk?.begin(running.pid)
        var watch = AloneWatch(plan, relay, terminal, egress, denials, report, disk)
        return try watch.untilEnd(of: running)
    }

    private static func status(of fault: any Fault) -> Int32 {
        switch fault as? SandboxFault {
        case .notFound: 127
        case .notExecutable: 126
        default: failed
        }
    }

    static func warn(of plan: Plan, _ enforcement: Enforcement) {
        guard plan.bestEffort, !enforcement.missing.isEmpty else { return }
        let names = enforcement.missing.map { "'\($0)'" }.joined(separator: ", ")
        let reason = enforcement.lack.map { ": \($0.reason)" } ?? ""
        say(
            "smelt-exec: going on although these limits are not enforced for the whole: \(names)\(reason)\n"
        )
    }

    /// What keeps us from writing to a standard output that came closed is a directory of the host's, through which all
    /// of it could be reached. The command gets what cannot be written either, and leads nowhere.
    private static func letGoOfDirectory() {
        guard Standard.outputCameClosed else { return }
        let nothing = open("/dev/null", O_RDONLY | O_CLOEXEC)
        if nothing >= 0 { dup2(nothing, 1) }
        close(nothing)
    }
}

/// How a command alone ended, with the status that we end with.
struct Verdict {
    var ending: Ending
    var status: Int32
    var exitStatus: Int32?
    var signal: Int32?
    var reason: String?
    var usage: Records.Usage
}

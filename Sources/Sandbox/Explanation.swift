internal import Glibc
internal import Smelt

/// A plan in words: every mount, rule and limit that it comes to on this host, without running anything.
package struct Explanation {
    /// What is said about one subject, in order.
    package struct Section: Equatable, Sendable {
        package let title: String
        package let lines: [String]
    }

    package let sections: [Section]

    package init(_ plan: Plan) throws(SandboxFault) {
        let layout = try Layout(plan)
        let enforcement = try Enforcement(plan, onlyLooks: true)
        guard enforcement.missing.isEmpty || plan.bestEffort else {
            throw .unenforceable(enforcement.missing, enforcement.lack)
        }
        let limits = try ResourceLimits(
            plan.limits, each: plan.resourceLimits, missing: enforcement.missing,
            countsProcesses: enforcement.countsProcesses)
        let masks = try Landlock.masks(for: plan.landlock)
        sections = [
            Section(title: "command", lines: Self.command(plan)),
            Section(title: "identity", lines: try Self.identity(plan)),
            Section(title: "files", lines: Self.files(layout)),
            Section(title: "Landlock", lines: Self.landlock(masks != nil)),
            Section(
                title: "system calls",
                lines: plan.seccomp.lines
                    + (plan.traced ? ["watched for files and addresses that are refused"] : [])),
            Section(title: "network", lines: Self.network(plan)),
            Section(title: "limits of each process", lines: Self.processes(limits)),
            Section(title: "limits of the whole", lines: Self.whole(plan, enforcement)),
        ]
    }

    private static func command(_ plan: Plan) -> [String] {
        let words = plan.command.map { Visible.line($0) }.joined(separator: " ")
        // Of variables the names: a value may be a secret.
        let names = plan.environment.keys.sorted().map { Visible.line($0) }.joined(separator: ", ")
        return [
            "\(words) in \(Visible.line(plan.directory))", "variables: \(names)",
        ] + (plan.terminal ? ["with a terminal of its own"] : [])
    }

    private static func identity(_ plan: Plan) throws(SandboxFault) -> [String] {
        let outside = plan.hostUser.map { "user \($0) of the host" } ?? "the caller on the host"
        let kept = plan.capabilities.names
        let more = try SubordinateIDs(plan)?.lines ?? []
        return [
            "user \(Plan.user) '\(Plan.userName)', \(outside)"
        ] + more + [
            "host name '\(Visible.line(plan.hostname))'",
            "namespaces: user, mount, pid, ipc, uts, cgroup"
                + (plan.network == .host ? "" : ", network"),
            "no new privileges, no user namespaces below",
            kept.isEmpty
                ? "no capability" : "capabilities in them: \(kept.joined(separator: ", "))",
        ]
    }

    private static func files(_ layout: Layout) -> [String] {
        let width = layout.mounts.map(\.target.count).max() ?? 0
        return layout.mounts.map { target, mount in
            let place = Visible.line(target)
            let gap = String(repeating: " ", count: max(0, width - place.count) + 2)
            return place + gap + layout.describe(mount)
        }
    }

    private static func landlock(_ isUsed: Bool) -> [String] {
        guard isUsed, let version = Landlock.version else { return ["not used"] }
        return ["version \(version): \(Landlock.judged(version: version))"]
    }

    private static func network(_ plan: Plan) -> [String] {
        switch plan.network {
        case .none: ["a loopback of its own"]
        case .host: ["the host's"]
        case .allow:
            ["a loopback of its own, served by smelt-egress"]
                + plan.reach.allow.map { "may reach \(Visible.line($0))" }
                + (plan.reach.broker ?? []).map {
                    "broker \(Visible.line($0.name)) for \(Visible.line($0.upstream))"
                }
        }
    }

    private static func processes(_ limits: ResourceLimits) -> [String] {
        limits.all.sorted { $0.name < $1.name }.map {
            $0.soft == $0.hard
                ? "\($0.name) \($0.soft)" : "\($0.name) \($0.soft), at most \($0.hard)"
        }
    }

    private static func whole(_ plan: Plan, _ enforcement: Enforcement) -> [String] {
        let limits = plan.limits
        var lines: [String] = []
        func add(_ name: String, _ value: (some Any)?) {
            if let value { lines.append("\(name) \(value)") }
        }
        add("wall", limits.wallSeconds.map(Quantity.describe(seconds:)))
        add("idle", limits.idleSeconds.map(Quantity.describe(seconds:)))
        add("output", limits.outputBytes)
        add("processes", limits.processes)
        add("disk", limits.diskBytes.map { "\($0), \(plan.diskGuard.rawValue)" })
        if let place = enforcement.place {
            lines.append("in a control group in \(Visible.line(place.path))")
            lines += enforcement.knobs(limits).map { "\($0.file) \(Visible.line($0.value))" }
        }
        if !enforcement.missing.isEmpty {
            let names = enforcement.missing.joined(separator: ", ")
            let reason = enforcement.lack.map { ": \($0.reason)" } ?? ""
            lines.append("not enforced for the whole: \(names)\(reason)")
        }
        let grace = Quantity.describe(seconds: plan.graceSeconds)
        return lines + ["stopped by signal \(plan.stopSignal), killed after \(grace)"]
    }
}

extension Layout {
    fileprivate func describe(_ mount: Mount) -> String {
        switch mount {
        case .bind(let index):
            let source = sources[index]
            let from = Visible.line(source.path)
            if source.isDevice { return "device \(from)" }
            return "\(source.readOnly ? "read-only" : "read-write") \(from)"
                + (source.isLinkless ? ", no link is followed" : "")
        case .file(let contents, _): return "a file of \(contents.utf8.count) bytes"
        case .copy: return "a file, copied at the start"
        case .scratch(_, let isLinkless):
            return "writable, in memory, empty" + (isLinkless ? ", no link is followed" : "")
        case .hide: return "hidden"
        case .mask: return "hidden, and nothing can be made there"
        case .pin: return "cannot be moved"
        case .memory(let bytes): return "writable, in memory, at most \(bytes) bytes"
        case .secrets(let secrets):
            return "secrets, in memory that is not swapped out: "
                + secrets.map { Visible.line($0.name) }.joined(separator: ", ")
        case .overlay(let lower, let top, let upper, _):
            let below = lower.map { Visible.line(sources[$0].path) }.joined(separator: ", ")
            return "written to \(Visible.line(sources[top].path))/\(upper) over \(below)"
        case .places(let lower, let names):
            return "read-only \(Visible.line(sources[lower].path)) with places for "
                + names.map { Visible.line($0) }.joined(separator: ", ")
        case .proc: return "its own processes"
        case .terminals: return "its own terminals"
        case .link(let goal): return "link to \(Visible.line(goal))"
        }
    }
}

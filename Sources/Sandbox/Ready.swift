internal import CChild
internal import Glibc
internal import Records
internal import Smelt

/// A sandbox that lacks nothing but its first process, by `Launch.prepare`. Let go, nothing of it is left.
package struct Ready: ~Copyable {
    private let plan: Plan
    private let layout: Layout
    private let limits: ResourceLimits
    private let enforcement: Enforcement
    private let group: Cgroup?
    private let denials: Denials?
    /// What `child` points to.
    private let copied: (Arena, Trees)
    var child = CChild.child()
    private var tracing: Tracing?
    /// The child's end, until it has it.
    private var tracer: Int32 = -1
    private var terminal: (itself: Terminal, ours: Int32, childs: Int32)?

    init(
        _ plan: Plan, _ layout: Layout, _ limits: ResourceLimits, _ enforcement: Enforcement,
        _ group: Cgroup?, _ arena: Arena, _ trees: Trees, _ denials: Denials?
    ) {
        self.plan = plan
        self.layout = layout
        self.limits = limits
        self.enforcement = enforcement
        self.group = group
        self.denials = denials
        copied = (arena, trees)
    }

    deinit {
        if tracer >= 0 { close(tracer) }
        if let terminal {
            close(terminal.ours)
            close(terminal.childs)
        }
    }

    /// Starts a tracer; the result is the child's end.
    mutating func trace() throws(SandboxFault) -> Int32 {
        tracing = try Tracing.start(layout, isConfined: plan.network != .host, &tracer)
        return tracer
    }

    private mutating func closeTracersEnd() {
        if tracer >= 0 { close(tracer) }
        tracer = -1
    }

    /// The way of the terminal that the child opens inside; the result is the child's end.
    mutating func open(_ itself: Terminal) throws(SandboxFault) -> Int32 {
        let (ours, childs) = try Terminal.sockets()
        terminal = (itself, ours, childs)
        return childs
    }

    /// The other half of `Launch.start`.
    package consuming func start() throws(SandboxFault) -> Running {
        var handle = child_handle()
        var failure = child_report()
        let started = withExtendedLifetime((copied, group)) {
            child_start(&child, &handle, &failure)
        }
        denials?.closeChildsEnd()
        // So that the tracer sees the end of it, should the command never be there.
        closeTracersEnd()
        guard started else { throw fault(failure) }
        let running = Running(handle, group, tracing.take())
        defer { close(handle.gate) }
        // While the child builds its root.
        if let place = enforcement.place { CgroupSweep.sweep(place.path) }
        guard let answer = Self.answer(on: handle.report) else {
            throw running.lacksMemory ? .tooLittleMemory : .vanished
        }
        guard answer.kind == CHILD_STARTED else { throw fault(answer) }
        if let terminal { try terminal.itself.receive(from: terminal.ours) }
        denials?.receive()
        return running
    }

    /// The child's word; nil when it ended, or hung for half a minute, without one.
    private static func answer(on report: Int32) -> child_report? {
        var waiting = pollfd(fd: report, events: Int16(POLLIN), revents: 0)
        guard retrying({ poll(&waiting, 1, 30_000) }) == 1 else { return nil }
        var message = child_report()
        let count = retrying { read(report, &message, MemoryLayout<child_report>.size) }
        return count == MemoryLayout<child_report>.size ? message : nil
    }

    private func fault(_ report: child_report) -> SandboxFault {
        let command = plan.command.first ?? ""
        let index = Int(report.where)
        switch report.step {
        case CHILD_STEP_EXEC where report.value == ENOENT: return .notFound(command: command)
        case CHILD_STEP_EXEC: return .notExecutable(command: command, number: report.value)
        case CHILD_STEP_SOURCE where layout.sources.indices.contains(index):
            return .refused(step: .source, object: layout.sources[index].path, number: report.value)
        case CHILD_STEP_GROUP:
            return .refused(step: .group, object: command, number: report.value)
        case CHILD_STEP_LIMIT where limits.all.indices.contains(index):
            return .refused(step: .limit, object: limits.all[index].name, number: report.value)
        case CHILD_STEP_LISTEN:
            return .refused(step: .listen, object: command, number: report.value)
        case CHILD_STEP_DIRECTORY:
            return .refused(step: .directory, object: plan.directory, number: report.value)
        case let step:
            let target =
                layout.mounts.indices.contains(index) ? layout.mounts[index].target : command
            return .refused(step: SandboxFault.Step(step), object: target, number: report.value)
        }
    }
}

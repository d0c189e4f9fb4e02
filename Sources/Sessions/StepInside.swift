internal import Glibc
internal import Runtimes
internal import Sandbox
internal import Smelt

/// Programs in containers: the connection is the session's, and has one program after another.
extension Step {
    /// Starts `plan` where the connection leads; what comes back is given to `take`. `input` is a path inside.
    /// `door` is the directory here that the place has for its listeners; where it `carries`, they stay inside.
    static func inside(
        _ plan: Plan, input: String, over connection: InsideConnection, door: String, carries: Bool,
        _ watcher: DiskWatcher?
    ) throws -> Step {
        let step = Step()
        step.disk = plan.limits.diskBytes.flatMap { watcher?.begin(most: $0) }
        step.connection = connection
        step.plan = plan
        if carries, plan.network == .allow {
            let told = try EgressPorts.told(for: plan.reach)
            step.waiting = { [unowned step] ports in
                try step.start(input: input, told: told, at: ports, door: door)
            }
            connection.ask(.serve(told.count))
            return step
        }
        if let service = try EgressService(plan) {
            step.egress = service
            step.door = try Door(in: door, to: service)
            connection.ask(
                .listen(
                    path: "\(EnginePlace.door)/\(EnginePlace.doorName)", service.listeners))
        }
        for request in try plan.requests(input: input) { connection.ask(request) }
        return step
    }

    /// The listeners are open inside: has them served, and starts the program, which is told of them.
    private func start(
        input: String, told: [EgressPorts.Listener], at ports: [Int], door: String
    ) throws {
        guard let connection, var plan, ports.count == told.count else {
            throw RuntimeFault.badAnswer
        }
        // It was to end before it had begun.
        guard killing == nil else { return ending = .killed(signal: SIGKILL) }
        let opened = zip(told, ports).map {
            EgressPorts.Listener($0.kind, $1, broker: $0.broker)
        }
        let urls = Dictionary(
            zip(told, opened).map { ($0.url, $1.url) }, uniquingKeysWith: { $1 })
        plan.environment = plan.environment.mapValues { urls[$0] ?? $0 }
        self.plan = plan
        let entrances = try Entrances(opened.count, in: door)
        egress = try EgressService(plan, listeners: opened)
        if let egress { try entrances.hand(over: egress.door) }
        carrier = Carrier(entrances, over: connection)
        for request in try plan.requests(input: input) { connection.ask(request) }
    }

    /// Waits until the connection leads somewhere.
    static func entering(
        _ connection: InsideConnection, check: @escaping (InsideFrame.Hello) throws -> Void
    ) -> Step {
        let step = Step()
        step.connection = connection
        step.check = check
        return step
    }

    /// Readable when a container sends its listeners.
    var doorDescriptor: Int32 { door?.descriptor ?? -1 }

    func passListeners() throws { try door?.pass() }

    /// An engine that does not say within so many seconds that it has killed something has gone itself.
    static let patience = 20.0

    /// What has come over the connection, as far as it is not output.
    func take(_ answer: InsideFrame.Answer) throws {
        guard ending == nil else { return }
        switch answer {
        case .hello(let hello):
            guard plan == nil else { return }
            try check?(hello)
            ending = .exited(code: 0)
        case .output(let bytes): try captures.first?.take(bytes)
        case .errors(let bytes): try captures.last?.take(bytes)
        case .looked: throw RuntimeFault.badAnswer
        case .refused(let reason):
            throw RuntimeFault.notInside(
                command: plan?.command.first ?? "", reason: Visible.line(reason))
        case .ports(let ports):
            // Nobody has asked for them, or they have come.
            guard let waiting else { throw RuntimeFault.badAnswer }
            self.waiting = nil
            try waiting(ports)
        // Of a program before, they are about nothing any more.
        case .relay(let word): try carrier?.take(word)
        case .ended(let end):
            guard let plan, waiting == nil else { return }
            usage = end.usage
            let ended = try end.how.ending(of: plan)
            endNetwork()
            // A container's group has no other limit than its own. What was killed may be any of the programs; none of
            // them is to go on without it, as none does in a sandbox.
            let lacked = usage.oomKills ?? 0 > 0 && killing == nil
            ending = lacked ? .outOfMemory(atLimit: true) : Ending(ended)
            disk?.end()
        }
    }

    /// Nobody is inside any more; smelt-egress has a last word.
    private func endNetwork() {
        carrier?.finish()
        carrier = nil
        lastDecisions = egress?.finish() ?? []
        egress = nil
        door = nil
    }

    /// The connection has ended before its time; perhaps since all that ran there was killed for want of memory.
    func lose(_ reason: String, outOfMemory: Bool) {
        guard ending == nil, connection != nil else { return }
        loss = reason
        endNetwork()
        ending = outOfMemory ? .outOfMemory(atLimit: true) : .killed(signal: SIGKILL)
        disk?.giveUp()
    }
}

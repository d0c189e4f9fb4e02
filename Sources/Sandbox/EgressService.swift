internal import FoundationEssentials
internal import Glibc
internal import Records
internal import Smelt

/// `smelt-egress` at work for one sandbox: started before it, ended after it. What it says is taken as data, since it
/// speaks with whoever is inside.
package final class EgressService {
    /// Where the sandbox sends its listeners.
    package let door: Int32
    package let listeners: [EgressPorts.Listener]
    /// Readable when it has decided something, and when it has ended; -1 after that.
    package private(set) var records: Int32
    private var process: Coprocess?
    private var unread: [UInt8] = []
    /// How many decisions are still handed on; it gathers what repeats itself, so this is a bound, not a habit.
    private var left = 20_000

    /// What its sandbox may reach is what the plan says, by all that can listen for it, unless others are named; nil where
    /// there is nothing to serve.
    package init?(
        _ plan: Plan, listeners named: [EgressPorts.Listener]? = nil
    ) throws(EgressFault) {
        guard plan.network == .allow else { return nil }
        if let named {
            listeners = named
        } else {
            listeners = try EgressPorts.listeners(for: plan.reach)
        }
        var secrets: [Int32] = []
        for broker in plan.reach.broker ?? [] {
            secrets.append(try KeptSecrets.descriptor(of: broker))
        }
        var user: UInt32?
        if geteuid() == 0 {
            do throws(SandboxFault) { user = try HostUsers.configured().egress } catch {
                throw .notStarted("\(error)")
            }
            guard user != nil else { throw .noUser }
        }
        var ends: [Int32] = [-1, -1]
        guard socketpair(AF_UNIX, Int32(SOCK_SEQPACKET.rawValue) | O_CLOEXEC, 0, &ends) == 0 else {
            throw .notStarted("\(SystemFault(errno, "make", "a socket"))")
        }
        door = ends[0]
        records = -1
        let control = Descriptor(owning: ends[1])
        let order = EgressOrder(
            reach: plan.reach, listeners: listeners, secrets: secrets, control: control.number,
            user: user)
        do { try start(order, control.number) } catch {
            throw .notStarted("\(error)")
        }
        try waitUntilReady()
    }

    deinit {
        close(door)
        if records >= 0 { close(records) }
    }

    private func start(_ order: EgressOrder, _ control: Int32) throws {
        let words = try Descriptor.pipe()
        let orders = try Descriptor.pipe()
        let saying = Descriptor(owning: words.writing)
        let ordering = Descriptor(owning: orders.writing)
        let reading = Descriptor(owning: orders.reading)
        records = words.reading
        var command = Command(Self.program, "--order", "0")
        // None of ours is its business, least of all what else is secret in it.
        command.environment = []
        command.passing = [control] + order.secrets
        command.input = .descriptor(reading.number)
        command.output = .descriptor(saying.number)
        process = try command.start()
        try Array(JSONEncoder().encode(order)).withUnsafeBytes {
            try ordering.write($0, name: "the order for smelt-egress")
        }
        // Else one that says nothing would hold us up for good.
        guard fcntl(records, F_SETFL, O_NONBLOCK) == 0 else {
            throw SystemFault(errno, "listen to", "smelt-egress")
        }
    }

    /// `smelt-egress` beside the command that runs now, else the one in `PATH`.
    private static var program: String {
        guard let own = try? Files.canonical("/proc/self/exe") else { return "smelt-egress" }
        let beside = "\(Files.parent(of: own))/smelt-egress"
        return access(beside, X_OK) == 0 ? beside : "smelt-egress"
    }

    private func waitUntilReady() throws(EgressFault) {
        let deadline = monotonicSeconds() + 20
        while records >= 0 {
            for word in read() {
                if word.ready == true { return }
                if let why = word.failed {
                    throw .refused(
                        message: Visible.line(why.message), hint: why.hint.map(Visible.line),
                        code: Visible.line(why.code), status: why.status)
                }
            }
            guard wait(until: deadline) else { break }
        }
        throw .silent
    }

    private func wait(until deadline: Double) -> Bool {
        guard records >= 0 else { return false }
        var waiting = pollfd(fd: records, events: Int16(POLLIN), revents: 0)
        let left = max(0, Int32((deadline - monotonicSeconds()) * 1000) + 1)
        return retrying({ poll(&waiting, 1, left) }) > 0
    }

    /// What it has decided since it was asked last.
    package func decisions() -> [EgressWord.Decision] {
        let found = read().compactMap(\.decided).filter { (1...65_535).contains($0.port) }
        let taken = found.prefix(left).map(\.visible)
        left -= taken.count
        return taken
    }

    /// Ends it; the last of what it decided, with what it had gathered. It is given two seconds.
    package func finish() -> [EgressWord.Decision] {
        guard records >= 0 else {
            // Nothing went through from then on, and whoever looks for the reason is told.
            return [
                EgressWord.Decision(
                    host: EgressWord.Decision.everything, port: 1, allowed: false,
                    reason: "smelt-egress ended too early")
            ]
        }
        shutdown(door, Int32(SHUT_RDWR))
        let deadline = monotonicSeconds() + 2
        var last = decisions()
        while wait(until: deadline), records >= 0 { last += decisions() }
        process = nil
        return last
    }

    private func read() -> [EgressWord] {
        var words: [EgressWord] = []
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while records >= 0 {
            let count = retrying { Glibc.read(records, &chunk, chunk.count) }
            if count < 0, errno == EAGAIN { break }
            guard count > 0 else {
                close(records)
                records = -1
                break
            }
            unread += chunk[..<count]
            while let end = unread.firstIndex(of: 10) {
                let line = unread[..<end]
                if line.count <= EgressWord.longest,
                    let word = try? JSONDecoder().decode(EgressWord.self, from: Data(line))
                {
                    words.append(word)
                }
                unread.removeFirst(end + 1)
            }
            if unread.count > EgressWord.longest { unread.removeAll() }
        }
        return words
    }
}

extension EgressWord.Decision {
    /// Texts as they can be shown and bounded as names are.
    fileprivate var visible: EgressWord.Decision {
        func bound(_ text: String) -> String { Visible.line(String(text.prefix(512))) }
        return EgressWord.Decision(
            host: bound(host), port: port, allowed: allowed, rule: rule.map(bound),
            reason: reason.map(bound), count: count.map { max(1, $0) })
    }
}

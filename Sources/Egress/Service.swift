internal import CEgress
internal import Glibc
internal import Records
internal import Sandbox
internal import Smelt

/// What the service may hold and wait for.
package struct ServiceLimits: Sendable {
    /// At once; more wait in the listeners.
    package var connections: Int
    /// In both directions together; nil is not bounded.
    package var trafficBytes: Int?
    /// Of silence on a connection.
    package var idleSeconds: Double
    /// Until a request's head, a greeting or a first message is whole.
    package var headSeconds: Double

    package init(
        connections: Int = 512, trafficBytes: Int? = nil, idleSeconds: Double = 600,
        headSeconds: Double = 20
    ) {
        self.connections = connections
        self.trafficBytes = trafficBytes
        self.idleSeconds = idleSeconds
        self.headSeconds = headSeconds
    }
}

/// A connection that can be ended from outside of itself.
protocol Closable: AnyObject {
    func closeNow()
}

/// What all connections have in common.
final class Service {
    let loop: Loop
    let policy: Policy
    let ledger: Ledger
    let dialer: Dialer
    let limits: ServiceLimits
    var names: NameServer
    let brokers: [BrokerDesk]

    private var connections: [ObjectIdentifier: any Closable & Timed] = [:]
    private var listeners: [Listening] = []
    private var traffic = 0
    /// No connection is taken and none goes on any more.
    private(set) var isSpent = false
    /// The process has no descriptor left; accepted ones are looked for again when one is free.
    var isFull: Bool { connections.count >= limits.connections }

    init(
        _ loop: Loop, _ policy: Policy, _ ledger: Ledger, _ dialer: Dialer, _ limits: ServiceLimits,
        brokers: [BrokerDesk]
    ) {
        self.loop = loop
        self.policy = policy
        self.ledger = ledger
        self.dialer = dialer
        self.limits = limits
        self.brokers = brokers
        names = NameServer(policy)
    }

    func add(_ listening: Listening) { listeners.append(listening) }

    func keep(_ connection: any Closable & Timed) {
        connections[ObjectIdentifier(connection)] = connection
        loop.time(connection)
    }

    func `let`(go connection: any Closable & Timed) {
        loop.untime(connection)
        guard connections.removeValue(forKey: ObjectIdentifier(connection)) != nil else { return }
        if connections.count == limits.connections - 1 { for one in listeners { one.resume() } }
    }

    /// Counts what came; false when that was too much, and everything has been closed.
    func count(_ bytes: Int) -> Bool {
        traffic += bytes
        guard let most = limits.trafficBytes, traffic > most, !isSpent else { return !isSpent }
        isSpent = true
        ledger.refuse(EgressWord.Decision.everything, 1, "the limit of \(most) bytes is reached")
        for connection in Array(connections.values) { connection.closeNow() }
        return false
    }

    /// Goes on with a connection on which a host's port was asked for: reads requests, or lets bytes pass. `answer` is
    /// called once, with true when it comes about, before anything of the other end is sent; a refused client is its.
    func connect(
        _ client: Wire, to host: NetworkHost, _ port: Int, first: [UInt8],
        answer: @escaping (Refusal?) -> Void
    ) {
        switch policy.open(host, port) {
        case .refused(let reason):
            ledger.refuse("\(host)", port, reason)
            answer(.policy(reason))
        case .plain:
            answer(nil)
            Exchange(self, client, .host(host, port), first: first).begin()
        case .tunnel(let rule):
            dial(host, port, rule) { [self] outcome in
                switch outcome {
                case .success(let server):
                    guard !client.isClosed else { return server.close() }
                    answer(nil)
                    _ = Tunnel(self, client, server, to: host, port, first: first)
                case .failure(let refusal): answer(refusal)
                }
            }
        }
    }

    /// Why a connection does not come about.
    enum Refusal: Error {
        case policy(String)
        case network(String)

        var reason: String {
            switch self {
            case .policy(let reason), .network(let reason): reason
            }
        }
    }

    /// Dials and writes down how it was decided.
    func dial(
        _ host: NetworkHost, _ port: Int, _ rule: NetworkRule,
        _ then: @escaping (Result<Wire, Refusal>) -> Void
    ) {
        dialer.dial(host, port, rule) { [self] outcome in
            switch outcome {
            case .connected(let number):
                ledger.allow(host, port, rule)
                then(.success(Wire(number, loop, known: true)))
            case .refused(let reason):
                ledger.refuse("\(host)", port, reason)
                then(.failure(.policy(reason)))
            case .failed(let reason):
                ledger.allow(host, port, rule, failed: reason)
                then(.failure(.network(reason)))
            }
        }
    }
}

internal import CEgress
internal import Records

/// Addresses of names, from name servers outside; each name is asked for once at a time, and its answer kept for as long
/// as it holds, five minutes at most.
final class Resolver {
    enum Answer {
        case addresses([NetworkAddress])
        case failed(String)
    }

    private let loop: Loop
    private var names: OpaquePointer?
    private var watches: [Int32: Socket] = [:]
    private var kept: [String: (addresses: [NetworkAddress], until: Double)] = [:]
    private var waiting: [UInt64: (name: String, then: [(Answer) -> Void])] = [:]
    private var queries: [String: UInt64] = [:]
    private var last: UInt64 = 0

    private static let most = 1024

    /// Reads the host's configuration, so it is made before there are no files any more.
    init(_ loop: Loop, servers: [String]?) throws(ServeFault) {
        self.loop = loop
        let owner = Unmanaged.passUnretained(self).toOpaque()
        names = egress_names_make(
            servers?.joined(separator: ","), owner,
            { owner, query, found, reason in
                Unmanaged<Resolver>.fromOpaque(owner).takeUnretainedValue().answered(
                    query, found, reason)
            },
            { owner, number, wanted in
                Unmanaged<Resolver>.fromOpaque(owner).takeUnretainedValue().watch(number, wanted)
            })
        guard names != nil else { throw .noResolver(servers ?? []) }
        loop.other = { [unowned self] in wait() }
    }

    func ask(_ name: String, _ then: @escaping (Answer) -> Void) {
        if let known = kept[name] {
            if known.until > loop.now { return then(.addresses(known.addresses)) }
            kept[name] = nil
        }
        if let query = queries[name] {
            waiting[query]?.then.append(then)
            return
        }
        last += 1
        queries[name] = last
        waiting[last] = (name, [then])
        if let names { egress_names_ask(names, name, last) }
    }

    private func answered(
        _ query: UInt64, _ found: UnsafePointer<egress_found>?, _ reason: UnsafePointer<CChar>?
    ) {
        guard let (name, then) = waiting.removeValue(forKey: query) else { return }
        queries[name] = nil
        guard let found = found?.pointee, found.count > 0 else {
            let why = reason.map { String(cString: $0) } ?? "it has no address"
            for one in then { one(.failed(why)) }
            return
        }
        let places = UnsafeBufferPointer(start: found.places, count: found.count)
        // IPv4 first: where there is no IPv6, each attempt would be lost time.
        let addresses = places.compactMap(\.address).sorted { !$0.isLong && $1.isLong }
        if kept.count >= Self.most { kept.removeAll() }
        kept[name] = (addresses, loop.now + Double(max(0, min(found.seconds, 300))))
        for one in then { one(.addresses(addresses)) }
    }

    // MARK: its sockets and clocks

    private final class Socket: Watcher {
        let number: Int32
        var mark: UInt64 = 0
        private unowned let resolver: Resolver

        init(_ number: Int32, _ resolver: Resolver) {
            self.number = number
            self.resolver = resolver
        }

        func ready(reading: Bool, writing: Bool) {
            resolver.work(
                number, (reading ? EGRESS_READ : 0) | (writing ? EGRESS_WRITE : 0))
        }
    }

    private func watch(_ number: Int32, _ wanted: Int32) {
        if let known = watches[number] {
            if wanted == 0 {
                loop.forget(known.mark)
                watches[number] = nil
            } else {
                loop.change(
                    number, known.mark, reading: wanted & EGRESS_READ != 0,
                    writing: wanted & EGRESS_WRITE != 0)
            }
        } else if wanted != 0 {
            let socket = Socket(number, self)
            socket.mark = loop.watch(
                number, reading: wanted & EGRESS_READ != 0, writing: wanted & EGRESS_WRITE != 0,
                socket)
            watches[number] = socket
        }
    }

    private func work(_ number: Int32, _ ready: Int32) {
        if let names { egress_names_work(names, number, ready) }
    }

    private func wait() -> Int32 {
        guard let names, !waiting.isEmpty else { return -1 }
        // Time-outs that are due are noticed here; their answers come within this call.
        if egress_names_wait(names) <= 1 { egress_names_work(names, -1, 0) }
        return egress_names_wait(names)
    }
}

extension egress_place {
    var address: NetworkAddress? {
        withUnsafeBytes(of: bytes) { NetworkAddress(bytes: Array($0.prefix(Int(count)))) }
    }

    init(_ address: NetworkAddress, port: Int) {
        self.init()
        count = UInt8(address.bytes.count)
        self.port = UInt16(port)
        withUnsafeMutableBytes(of: &bytes) { $0.copyBytes(from: address.bytes) }
    }
}

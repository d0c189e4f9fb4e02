import Glibc
import Smelt
import Store

/// A client and a daemon of the queue in their smallest form, to be killed: every line that it prints is about something that
/// the store has acknowledged.
///
///     store-worker FILE add COUNT        adds jobs one by one: "added ID"
///     store-worker FILE spool COUNT      the same without opening the store, where that can be
///     store-worker FILE bulk COUNT       adds so many at once: "added ID" for each
///     store-worker FILE work OWNER       until nothing is left: "began ID ATTEMPT", "ended ID ATTEMPT"
///     store-worker FILE records COUNT    so many in batches of 500 into one job's log: "wrote COUNT"
///     store-worker FILE ticks COUNT      begins a job, "began ID", and writes so many records one by one, each with its time,
///                                        once there is a line on standard input
///     store-worker FILE follow ID COUNT  until so many came: how late they were, in microseconds
///     store-worker FILE measure          how long add, claim and a page of the list take, in microseconds
@main
enum StoreWorker {
    static func main() {
        Tool("store-worker", summary: "works with a queue", operands: "FILE VERB [ARGUMENT]") {
            words in
            guard words.operands.count >= 2 else { throw Usage("name a file and what to do") }
            let argument = words.operands.count > 2 ? words.operands[2] : ""
            if words.operands[1] == "spool" {
                for _ in 0..<(Int(argument) ?? 1) { try spool(words.operands[0]) }
                return .done
            }
            let store = try Store(words.operands[0])
            switch words.operands[1] {
            case "add": for _ in 0..<(Int(argument) ?? 1) { try add(1, store) }
            case "bulk": try add(Int(argument) ?? 1, store)
            case "work": try work(argument, store)
            case "records": try write(Int(argument) ?? 1, store)
            case "ticks": try tick(Int(argument) ?? 1, store)
            case "follow": try follow(argument, Int(words.operands.last ?? "") ?? 1, store)
            case "measure": try measure(store)
            default: throw Usage("unknown verb")
            }
            return .done
        }.start()
    }

    private static let actor = Actor(uid: 0, host: "test")
    private static let job = NewJob(.command, name: "true", body: Array("[\"true\"]".utf8))

    private static func add(_ count: Int, _ store: Store) throws {
        let answers = try store.add(Array(repeating: job, count: count), by: actor, .now())
        for case .added(let id, _) in answers { try put("added \(id)\n") }
    }

    private static func spool(_ path: String) throws {
        guard case .added(let id, _)? = try Store.spool(job, to: path, by: actor, .now()) else {
            return try add(1, try Store(path))
        }
        try put("added \(id)\n")
    }

    private static func work(_ owner: String, _ store: Store) throws {
        let claimant = Claimant(owner: owner, worker: owner, lease: 200)
        let follower = try Follower(store.path)
        while true {
            try store.takeIn()
            for lost in try store.lapse(.now()) { try again(lost, store) }
            for lost in try store.lost() { try again(lost.lease, store) }
            try store.advance(.now())
            guard let claimed = try store.claim(claimant, .now()) else {
                let counts = try store.counts()
                guard counts.contains(where: { !$0.state.isOver }) else { return }
                // Whoever is stopped or killed says nothing, but his lease is over by then.
                _ = follower.wait(0.2)
                continue
            }
            try put("began \(claimed.lease.id) \(claimed.lease.attempt)\n")
            let lines = Array("{\"n\":1}\n{\"n\":2}\n".utf8)
            let isCounted = try isCounted {
                try store.append(lines, of: claimed.lease, .now())
                return try store.finish(claimed.lease, Outcome(status: 0), .now())
            }
            if isCounted {
                try put("ended \(claimed.lease.id) \(claimed.lease.attempt)\n")
            }
        }
    }

    /// Of several who see that a job is lost one begins it again.
    private static func again(_ lease: Lease, _ store: Store) throws {
        _ = try isCounted { try store.beginAgain(lease, .now()) }
    }

    /// False where the lease was gone.
    private static func isCounted(_ action: () throws -> JobState) throws -> Bool {
        do {
            _ = try action()
            return true
        } catch let fault as StoreFault {
            if case .leaseGone = fault { return false }
            throw fault
        }
    }

    private static func write(_ count: Int, _ store: Store) throws {
        try add(1, store)
        guard let claimed = try store.claim(Claimant(owner: "writer"), .now()) else { return }
        let line =
            "{\"v\":1,\"type\":\"output\",\"time\":\"2026-01-01T00:00:00.000Z\",\"run\":\"\(claimed.run)\",\"text\":\"a line of output\"}\n"
        let batch = Array(String(repeating: line, count: 500).utf8)
        let begun = monotonicSeconds()
        // As a daemon does, which keeps with them how far it has read.
        for number in 0..<count / 500 {
            try store.append(
                batch, of: claimed.lease, progress: "4711 1 boot 1 1 \(number * batch.count) 0 0 1",
                .now())
        }
        try put("wrote \(Int(Double(count) / (monotonicSeconds() - begun))) a second\n")
    }

    private static func tick(_ count: Int, _ store: Store) throws {
        _ = try store.add([job], by: actor, .now())
        guard let claimed = try store.claim(Claimant(owner: "ticker"), .now()) else { return }
        try put("began \(claimed.lease.id)\n")
        _ = readLine()
        for _ in 0..<count {
            let line = "{\"at\":\(Int(monotonicSeconds() * 1e6))}\n"
            try store.append(Array(line.utf8), of: claimed.lease, .now())
        }
    }

    private static func follow(_ id: String, _ count: Int, _ store: Store) throws {
        guard let id = RunID(id) else { throw Usage("no id") }
        let follower = try Follower(store.path)
        var seq = try store.records(of: id).last
        try put("ready\n")
        var delays: [Int] = []
        while delays.count < count {
            _ = follower.wait()
            for record in try store.records(of: id, after: seq).records {
                let digits = record.line.filter { (48...57).contains($0) }
                let time = Int(String(decoding: digits, as: UTF8.self)) ?? 0
                delays.append(Int(monotonicSeconds() * 1e6) - time)
                seq = record.seq
            }
        }
        delays.sort()
        try put("median \(delays[count / 2]) worst \(delays[count - 1])\n")
    }

    private static func measure(_ store: Store) throws {
        func median(_ count: Int, _ call: () throws -> Void) throws -> Int {
            var times: [Double] = []
            for _ in 0..<count {
                let begun = monotonicSeconds()
                try call()
                times.append(monotonicSeconds() - begun)
            }
            return Int(times.sorted()[count / 2] * 1e6)
        }
        let adding = try median(200) { _ = try store.add([job], by: actor, .now()) }
        var leases: [Lease] = []
        let claiming = try median(200) {
            if let claimed = try store.claim(Claimant(owner: "o"), .now()) {
                leases.append(claimed.lease)
            }
        }
        let listing = try median(200) { _ = try store.list() }
        let finishing = try median(leases.count) {
            if let lease = leases.popLast() { try store.finish(lease, Outcome(status: 0), .now()) }
        }
        try put("add \(adding) claim \(claiming) list \(listing) finish \(finishing)\n")
    }
}

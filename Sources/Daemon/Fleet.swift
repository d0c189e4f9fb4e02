internal import Glibc
internal import Manifest
internal import Records
internal import Smelt

/// The workers, and what is known of each: none gets a job before it has answered, and one that does not is asked again after
/// pauses that grow, while there is something to run.
final class Fleet {
    private var members: [Member] = []
    /// Who is asked first next time, so that equals take turns.
    private var turn = 0

    private final class Member {
        var worker: Server.Worker
        var state = State.unknown
        /// In a row, without an answer.
        var misses = 0
        var complaint = ""
        var appetite = Appetite()

        init(_ worker: Server.Worker) { self.worker = worker }
    }

    private enum State {
        case unknown
        case asked(WorkerProbe)
        case usable
        /// Not asked before that time, in monotonic seconds.
        case away(until: Double)
    }

    init(_ workers: [Server.Worker] = []) { replace(by: workers) }

    /// What is known of those that stay is kept, but for their pauses.
    func replace(by workers: [Server.Worker]) {
        members = workers.map { worker in
            let old = members.first { $0.worker == worker }
            if let old, case .away = old.state { old.state = .unknown }
            return old ?? Member(worker)
        }
    }

    var isEmpty: Bool { members.isEmpty }
    var names: Set<String> { Set(members.map(\.worker.name)) }

    // MARK: Who may get a job

    /// Those that can be used and have room, the idlest first. Others with room are asked whether they can be, by now or at `wakeAt`.
    func ready(loads: [String: Int], environment: [String]) -> [WorkerTarget] {
        wakeAt = nil
        let now = monotonicSeconds()
        var found: [(share: Double, order: Int, target: WorkerTarget)] = []
        for (index, member) in members.enumerated() {
            let load = loads[member.worker.name] ?? 0
            guard load < member.worker.capacity else { continue }
            switch member.state {
            case .unknown: ask(member, environment)
            case .away(let time) where time <= now: ask(member, environment)
            case .away(let time): wake(at: time)
            case .asked: break
            case .usable where member.appetite.hasNone: break
            case .usable where member.appetite.at > now: wake(at: member.appetite.at)
            case .usable:
                let order = (index - turn + members.count) % members.count
                found.append(
                    (Double(load) / Double(member.worker.capacity), order, member.worker.target))
            }
        }
        return found.sorted { ($0.share, $0.order) < ($1.share, $1.order) }.map(\.target)
    }

    /// When something may have changed by time alone, in monotonic seconds.
    private(set) var wakeAt: Double?
    func wake(at time: Double) { wakeAt = min(wakeAt ?? time, time) }

    /// Nothing waits for anybody, as far as is known.
    func rest() { wakeAt = nil }

    /// This machine's, for what runs here although there are workers.
    var here = Appetite()

    /// Somebody has written into the store: there may be jobs again.
    func noteNews() {
        here.hasNone = false
        for member in members { member.appetite.hasNone = false }
    }

    /// Whether it makes sense to look for a job. Where none was found there is none before the store changes; and of the time a
    /// twentieth at most goes into looking in vain through a long queue.
    struct Appetite {
        var hasNone = false
        /// Not before, in monotonic seconds.
        private(set) var at = 0.0

        mutating func foundNothing(after seconds: Double) {
            hasNone = true
            at = monotonicSeconds() + max(0.02, 20 * seconds)
        }
    }

    /// It got a job.
    func took(_ target: WorkerTarget) {
        turn =
            ((members.firstIndex { $0.worker.target == target } ?? 0) + 1) % max(1, members.count)
    }

    /// There was none that it may run, which took so many seconds to find out.
    func foundNothing(_ target: WorkerTarget, after seconds: Double) {
        member(target.name)?.appetite.foundNothing(after: seconds)
    }

    // MARK: Asking

    private func ask(_ member: Member, _ environment: [String]) {
        do {
            member.state = .asked(try WorkerProbe(member.worker.target, environment))
        } catch { miss(member, "smelt-queue: \(error)") }
    }

    var handles: [Int32] {
        members.compactMap { member in
            if case .asked(let probe) = member.state { return probe.handle }
            return nil
        }
    }

    /// One of them is readable.
    func take(_ handle: Int32) {
        for member in members {
            guard case .asked(let probe) = member.state, probe.handle == handle else { continue }
            let answer = probe.answer()
            guard answer.isEmpty else { return miss(member, answer) }
            if member.misses > 0 {
                say("smelt-queue: the worker '\(Visible.line(member.worker.name))' is back\n")
            }
            member.state = .usable
            member.misses = 0
            member.complaint = ""
        }
    }

    /// Told when it is news.
    private func miss(_ member: Member, _ answer: String) {
        if member.complaint != answer { say("\(answer)\n") }
        member.complaint = answer
        let longest = min(Self.longestPause, Double(1 << min(member.misses, 10)))
        member.misses += 1
        let pause = longest * Double.random(in: 0.5...1)
        member.state = .away(until: monotonicSeconds() + pause)
        wake(at: monotonicSeconds() + pause)
    }

    /// Between two questions, seconds.
    private static let longestPause = 300.0

    /// A run on it came to no end of its own: whether it can be used is asked anew.
    func doubt(_ name: String) {
        guard let member = member(name), case .usable = member.state else { return }
        member.state = .unknown
    }

    private func member(_ name: String) -> Member? { members.first { $0.worker.name == name } }
}

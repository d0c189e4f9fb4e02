import Smelt

@testable import Store

/// What the store should do, written down as simply as it can be: a list of jobs, looked through from end to end, without
/// counts, indexes, or anybody set aside. Of chance it takes the store's word, within bounds.
struct Model {
    struct Job {
        let id: RunID
        var group: String
        let lock: String?
        let slot: String?
        let key: String?
        var retries: Int64
        var budget: Int64?
        let backoff: Int64
        let added: Int64
        var rank: Int64
        var priority: Int64
        /// Queued stands for everybody who only waits for his turn, or for his lock.
        var state: JobState
        var hold: Bool
        var due: Int64
        var needs: [(id: RunID, need: Need)]
        /// Order in the slot; nil when it is over or has none.
        var place: Int?
        var attempt: Int64 = 0
        var token: Int64 = 0
        var tries: Int64 = 0
        var bugs: Int64 = 0
        var spent: Int64 = 0
        var avoid: Set<String> = []
        var worker = ""
        var expires: Int64 = 0
        var started: Int64 = 0
        var failed: Int64 = 0
        var cancel = false
        /// Its sessions are behind it.
        var goesOn = false
        var changes = 1

        var isWaiting: Bool { !state.isOver && !state.isTaken && state != .awaitingReview }
    }

    struct Group {
        var parallel: Int64 = 0
        var paused = false
        var pausedUntil: Int64 = 0
        var pass: Int64 = 0
        var rule: HaltRule?
        var halted = false
        var failures: Int64 = 0
        var successes: Int64 = 0

        mutating func countAnew() { (halted, failures, successes) = (false, 0, 0) }
    }

    var jobs: [Job] = []
    var groups: [String: Group] = ["default": Group()]
    /// Groups in the order in which they were made.
    var order = ["default"]
    var turn: Int64 = 0

    func index(_ id: RunID) -> Int? { jobs.firstIndex { $0.id == id } }

    func rest(_ job: Job, _ now: Instant) -> JobState {
        if job.hold { return .held }
        if !job.needs.isEmpty { return .blocked }
        if let slot = job.slot, let place = job.place,
            jobs.contains(where: {
                $0.slot == slot && $0.id != job.id && !$0.state.isOver
                    && $0.place.map { $0 < place } == true
            })
        {
            return .blocked
        }
        if job.due > now.wall { return job.attempt > 0 ? .retrying : .scheduled }
        return .queued
    }

    mutating func settle(_ index: Int, _ now: Instant) {
        jobs[index].state = rest(jobs[index], now)
    }

    /// A job is over; and all that follows of it, in any order.
    mutating func end(_ index: Int, _ state: JobState, _ now: Instant) {
        let had = jobs[index].slot != nil && isFirst(index)
        jobs[index].state = state
        jobs[index].place = nil
        if had, let slot = jobs[index].slot, let next = first(in: slot), jobs[next].isWaiting {
            settle(next, now)
        }
        let id = jobs[index].id
        for waiter in jobs.indices where !jobs[waiter].state.isOver {
            guard let need = jobs[waiter].needs.first(where: { $0.id == id }) else { continue }
            jobs[waiter].needs.removeAll { $0.id == id }
            if need.need.isMet(by: state) {
                settle(waiter, now)
            } else {
                end(waiter, .cancelled, now)
            }
        }
        // Who was over already hears of it, too, for the day when somebody tries him again.
        for waiter in jobs.indices { jobs[waiter].needs.removeAll { $0.id == id } }
        countEnd(in: jobs[index].group, state)
    }

    /// How many of a group have failed or succeeded since its rule counts, and what follows of that.
    private mutating func countEnd(in name: String, _ state: JobState) {
        guard var group = groups[name], let rule = group.rule, state != .cancelled else { return }
        if state == .succeeded { group.successes += 1 } else { group.failures += 1 }
        let all = group.successes + group.failures
        let count =
            rule.what == .done ? all : rule.what == .fail ? group.failures : group.successes
        let isEnough =
            switch rule.bound {
            case .number(let number): count >= number
            case .percent(let share):
                count >= 3 && Double(count) / Double(all) * 100 >= Double(share)
            }
        if isEnough, !group.halted {
            (group.halted, group.paused) = (true, true)
            for index in jobs.indices where rule.when == .now && jobs[index].group == name {
                if jobs[index].state.isTaken { jobs[index].cancel = true }
            }
        }
        groups[name] = group
    }

    func first(in slot: String) -> Int? {
        jobs.indices.filter { jobs[$0].slot == slot && !jobs[$0].state.isOver }
            .min { (jobs[$0].place ?? .max) < (jobs[$1].place ?? .max) }
    }

    func isFirst(_ index: Int) -> Bool { jobs[index].slot.flatMap { first(in: $0) } == index }

    func waiting(in slot: String) -> [Int] {
        jobs.indices.filter { jobs[$0].slot == slot && !jobs[$0].state.isOver }
            .sorted { (jobs[$0].place ?? 0) < (jobs[$1].place ?? 0) }
    }
}

import Smelt

@testable import Store

/// Does the same to a store and to the model, by chance, and says where they part.
struct Agreement {
    let store: Store
    var model = Model()
    var dice: Dice
    var now = Instant(wall: 1_700_000_000_000, steady: 1_000, boot: "boot")
    /// Leases that somebody had, the latest last; most of them are gone.
    var leases: [Lease] = []
    var trace: [String] = []
    let actor = Actor(uid: 1000, host: "here")

    init(seed: UInt64) throws {
        var options = Store.Options()
        options.seed = seed
        store = try Store(inMemory: options)
        dice = Dice(seed: seed &+ 1)
    }

    mutating func roll(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &dice) }
    mutating func chance(_ percent: Int) -> Bool { roll(1...100) <= percent }

    mutating func any<T>(_ list: [T]) -> T? { list.isEmpty ? nil : list[roll(0...list.count - 1)] }

    /// Runs so many steps; a sentence where store and model differ.
    mutating func run(steps: Int) throws -> String? {
        for _ in 0..<steps {
            if chance(60) {
                let pause = Int64(any([1, 10, 1_000, 20_000, 400_000]) ?? 1)
                now.wall += pause
                now.steady += pause
            }
            if let wrong = try step() ?? difference() {
                return wrong + "\n" + trace.suffix(60).joined(separator: "\n")
            }
        }
        let wrong = try store.verify()
        return wrong.isEmpty ? nil : (wrong + trace.suffix(60)).joined(separator: "\n")
    }

    private mutating func step() throws -> String? {
        switch roll(1...100) {
        case 1...24: return try add()
        case 25...46: return try claim()
        case 47...48: return try edit()
        case 49...68: return try finish()
        case 69...71: return try giveBack()
        case 72...74: return try review()
        case 75...77: return try lapse()
        case 78...81: return try heartbeat()
        case 82...85: return try cancel()
        case 86...88: return try hold()
        case 89...91: return try release()
        case 92...93: return try retry()
        case 94: return try chance(50) ? prioritise() : edit()
        case 95...96: return try steerGroup()
        case 97: return try setClock()
        default: return try advance()
        }
    }

    /// The wall's clock goes forwards or back; the one that leases are on does not.
    private mutating func setClock() throws -> String? {
        let hour: Int64 = 3_600_000
        let set = now.wall + (any([5_000, -5_000, hour, -hour, 24 * hour, -24 * hour]) ?? 0)
        // Whether who is next for a lock is looked at again, and so waits for his time again, is not the model's.
        let queued = model.jobs.filter { $0.state == .queued && $0.lock != nil }.map(\.due).max()
        now.wall = max(set, queued ?? set)
        trace.append("the clock says \(now.wall)")
        try store.clockWasSet(now)
        model.clockWasSet(now)
        return nil
    }

    /// Every job, as both have it.
    private func difference() throws -> String? {
        let rows = try store.database.all("SELECT job FROM jobs ORDER BY job") { $0.number(0) }
            .map { try store.row($0) }
        guard rows.count == model.jobs.count else {
            return "the store has \(rows.count) jobs, the model \(model.jobs.count)"
        }
        for (job, row) in zip(model.jobs, rows) {
            let isSame =
                row.state == job.state
                || job.state == .queued && row.state == .blocked && job.lock != nil
            guard row.id == job.id.description, isSame else {
                return "job \(job.id) is \(row.state) in the store, \(job.state) in the model"
            }
            let ours =
                "\([job.attempt, job.token, job.tries, job.bugs, job.spent, job.due, job.rank])"
            let theirs =
                "\([row.attempt, row.token, row.tries, row.bugs, row.spent, row.due, row.rank])"
            guard ours == theirs, row.state.isOver || row.cancel == job.cancel,
                row.state.isOver || row.waits == Int64(job.needs.count)
            else { return "job \(job.id): \(theirs) in the store, \(ours) in the model" }
        }
        for group in try store.allGroups() {
            let ours = model.groups[group.name]
            guard ours?.paused == group.isPaused, ours?.rule == group.halt else {
                return "group \(group) is \(String(describing: ours)) in the model"
            }
        }
        for (group, state, count) in try store.counts() where state.isOver || state == .running {
            let there = model.jobs.count { $0.group == group && $0.state == state }
            guard there == Int(count) else {
                return "\(count) \(state) jobs are counted in \(group), not \(there)"
            }
        }
        return nil
    }
}

internal import Smelt

/// A job as the file has it.
struct JobRow: Equatable {
    let job: Int64
    let id: String
    var state: JobState
    let group: Int64
    var rank: Int64
    var priority: Int64
    var attempt: Int64
    var token: Int64
    /// Of the last record in its log.
    var seq: Int64
    let added: Int64
    var due: Int64
    var hold: Bool
    /// How many of those that it needs are not over.
    var waits: Int64
    let lock: String?
    let slot: String?
    /// 0 for who has the slot, else the order of those who wait; nil without a slot.
    var place: Int64?
    let unique: String?
    let every: String?
    var tries: Int64
    var bugs: Int64
    var losses: Int64
    var spent: Int64
    /// Workers on which it is not tried again, one a line.
    var avoid: String?
    var cancel: Bool
    var resume: Bool
    var owner: String?
    var worker: String?
    var boot: String?
    /// On the steady clock.
    var expires: Int64?
    /// The name of the run of its latest attempt.
    var run: String?
    /// What the owner wants to be known of the run by who adopts it.
    var process: String?
    var started: Int64?
    var finished: Int64?
    var status: Int64?
    var reason: String?

    /// A job that was never in the file. Its state is still to be found.
    init(number: Int64, id: String, _ new: NewJob, group: Int64, place: Int64?, at time: Int64) {
        job = number
        self.id = id
        state = .held
        self.group = group
        priority = new.priority
        rank = max(time, new.due ?? 0) - new.priority * Self.point
        attempt = 0
        token = 0
        seq = 1
        added = time
        due = new.due ?? 0
        hold = new.hold
        waits = 0
        lock = new.lock
        slot = new.slot
        self.place = place
        unique = new.uniqueness
        every = new.every
        (tries, bugs, losses, spent) = (0, 0, 0, 0)
        (cancel, resume) = (false, false)
    }

    /// A minute: what a point of priority is worth in `rank`.
    static let point: Int64 = 60_000

    init(_ row: Statement) throws(StoreFault) {
        job = try row.sound(0)
        id = row.text(1)
        // The table's CHECK knows no other numbers.
        state = JobState(rawValue: row.number(2)) ?? .failed
        group = try row.sound(3)
        rank = try row.sound(4)
        priority = try row.sound(5)
        attempt = try row.sound(6)
        token = try row.sound(7)
        seq = try row.sound(8)
        added = try row.sound(9)
        due = try row.sound(10)
        hold = row.number(11) != 0
        waits = try row.sound(12)
        lock = row.optionalText(13)
        slot = row.optionalText(14)
        place = try row.soundOptional(15)
        unique = row.optionalText(16)
        every = row.optionalText(17)
        tries = try row.sound(18)
        bugs = try row.sound(19)
        losses = try row.sound(20)
        spent = try row.sound(21)
        avoid = row.optionalText(22)
        cancel = row.number(23) != 0
        resume = row.number(24) != 0
        owner = row.optionalText(25)
        worker = row.optionalText(26)
        boot = row.optionalText(27)
        expires = try row.soundOptional(28)
        run = row.optionalText(29)
        process = row.optionalText(30)
        started = try row.soundOptional(31)
        finished = try row.soundOptional(32)
        status = try row.soundOptional(33)
        reason = row.optionalText(34)
    }
}

extension Store {
    func row(_ job: Int64) throws(StoreFault) -> JobRow {
        let found = try database.first(
            """
            SELECT job, id, state, grp, rank, priority, attempt, token, seq, added, due, hold, waits, lock, slot, place,
            unique_key, every, tries, bugs, losses, spent, avoid, cancel, resume, owner, worker, boot, expires, run, process,
            started, finished, status, reason FROM jobs WHERE job = ?
            """, .number(job)
        ) { (row) throws(StoreFault) in try JobRow(row) }
        guard let found else { throw .unknownJob("\(job)") }
        return found
    }

    func row(named id: String) throws(StoreFault) -> JobRow {
        guard let job = try database.number("SELECT job FROM jobs WHERE id = ?", .text(id)) else {
            throw unknown(id)
        }
        return try row(job)
    }

    /// The row as somebody with a lease may change it.
    func row(_ lease: Lease) throws(StoreFault) -> JobRow {
        let row = try row(lease.job)
        guard row.id == lease.id.description, row.attempt == lease.attempt,
            row.token == lease.token, row.state.isTaken
        else { throw .leaseGone(job: lease.id.description) }
        return row
    }
}

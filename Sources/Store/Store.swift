internal import Smelt

/// The queue, its log and its audit in one file; see `JobState` for what can become of a job.
///
/// **How a job changes.** Only `put` changes a row, and only where the row still has the state, the attempt and the token that
/// were read: who lost a race changes nothing and is told so. With the change goes a `job.changed` record into the job's log,
/// in the same transaction. What follows for others (who needed it, who waits for its slot or its lock) follows in that
/// transaction too, from a list of consequences rather than by recursion, so that a chain of a million jobs needs no stack.
///
/// **Where a job rests** that nobody has is a function of the job alone (`rest`): held, else blocked by what it needs, else
/// blocked in its slot, else scheduled or retrying until its time, else blocked by its lock, else queued.
///
/// **Order.** A job's rank is when it was added (or is due), less a minute for each point of its priority: lower goes first. So a
/// job overtakes those that were added up to that long before it, and none waits for ever. Groups take turns (stride
/// scheduling): the one whose pass is lowest is next, and one that had nothing to do for a while gains nothing by that.
///
/// **Locks.** Who is found with a lock that is taken is set aside as blocked, once, and the next of its group comes back when
/// the lock is free: for each group and lock with somebody set aside, either somebody has the lock, or one before them is queued.
package final class Store {
    package let path: String
    let database: Database
    var dice: Dice
    /// What is still to be done in this transaction.
    var consequences: [Consequence] = []
    /// Changes of `counts` that are not in the file yet.
    var counted: [CountKey: Int64] = [:]
    /// Groups by name. They are never removed, but those of a transaction that came to nothing never were.
    var groups: [String: Int64] = [:]
    var stamp: (wall: Int64, text: [UInt8]) = (0, [])
    /// Up to which chunk a job's log has no output any more, for whoever trims it again.
    var withoutOutput: [Int64: Int64] = [:]
    /// Why jobs that lie in the spool could not be taken in when the file was opened; they stay there.
    package internal(set) var leftOut: StoreFault?
    private let bell: Bell?
    /// Shared by all who work with the file; who puts another in its place has it alone.
    private let use: UseLock?

    package struct Options: Sendable {
        /// For a command that does one thing and goes, and so does not wait for long who has the spool. Who opens the file alone has to read the log of writes through, so it is
        /// kept short; and that it was moved into the file is forgotten when he goes, so it is moved before he writes, who then
        /// begins it anew, and not after.
        package var isBrief = false
        /// Seeds what is left to chance, for tests.
        package var seed: UInt64?

        package init() {}
    }

    /// The store in that file, which is made where there is none, by its owner alone readable.
    package init(
        _ path: String, _ options: Options = Options(), now: Int64 = Timestamp.now.milliseconds
    ) throws(StoreFault) {
        self.path = path
        use = try UseLock(path)
        database = try StoreFile.open(path, now: now)
        database.longestLog = options.isBrief ? Self.longLog : 0
        try database.checkpoint(every: options.isBrief ? 0 : 1000)
        dice = Dice(seed: options.seed)
        bell = Bell(path)
        do throws(StoreFault) {
            if try !takeIn(patience: options.isBrief ? 1000 : Database.patience) {
                leftOut = .busy(Spool.path(of: path))
            }
        } catch { leftOut = error }
    }

    /// The file while nobody else knows of it.
    init(restoring path: String, now: Int64) throws(StoreFault) {
        self.path = path
        database = try StoreFile.open(path, now: now)
        dice = Dice(seed: nil)
        bell = nil
        use = nil
    }

    /// One that is gone with this object; for tests.
    package init(inMemory options: Options, now: Int64 = 0) throws(StoreFault) {
        path = ":memory:"
        database = try Database(path, .memory)
        try Migrations.run(database, now: now)
        try StoreFile.begin(database)
        dice = Dice(seed: options.seed)
        bell = nil
        use = nil
    }

    /// In pages: to read as many takes about as long as to move them, shared by those who wrote them.
    private static let longLog: Int32 = 40

    /// What `body` does and all that follows of it, or nothing; then those who wait for news are told. Within another it is part
    /// of that, whose it is to say so.
    func step<T>(_ now: Instant, _ body: () throws(StoreFault) -> T) throws(StoreFault) -> T {
        if database.isInTransaction { return try steps(now, body) }
        do throws(StoreFault) {
            let result = try database.write { () throws(StoreFault) in try steps(now, body) }
            bell?.ring()
            return result
        } catch {
            consequences.removeAll(keepingCapacity: true)
            counted.removeAll(keepingCapacity: true)
            groups.removeAll()
            throw error
        }
    }

    private func steps<T>(
        _ now: Instant, _ body: () throws(StoreFault) -> T
    ) throws(StoreFault) -> T {
        let result = try body()
        try drain(now)
        try flushCounts()
        return result
    }
}

/// Chance that can be repeated where a seed is given (SplitMix64).
struct Dice: RandomNumberGenerator {
    private var state: UInt64?
    private var system = SystemRandomNumberGenerator()

    init(seed: UInt64?) { state = seed }

    mutating func next() -> UInt64 {
        guard var state else { return system.next() }
        state &+= 0x9E37_79B9_7F4A_7C15
        self.state = state
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}

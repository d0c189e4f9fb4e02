package import Smelt

/// An attempt at a job, as the processes know it that work for it: they do not have its lease, which is the daemon's, but what
/// they do outside counts for nothing any more when that is gone.
package struct CurrentAttempt: Sendable, Equatable {
    /// The queue's file.
    package let store: String
    package let job: RunID
    /// From 1.
    package let number: Int64
    /// The attempt's own name, which none ever has again; numbers come again with a backup that is restored. Nil where the
    /// daemon that began it gave none.
    package let run: RunID?

    /// Variables by which the daemon tells its runs who they are.
    package static let storeVariable = "SMELT_QUEUE"
    package static let jobVariable = "SMELT_JOB"
    package static let numberVariable = "SMELT_ATTEMPT"
    /// Not `SMELT_RUN`, which is the run's that it goes on with.
    package static let runVariable = "SMELT_ATTEMPT_RUN"

    package init(store: String, job: RunID, number: Int64, run: RunID? = nil) {
        self.store = store
        self.job = job
        self.number = number
        self.run = run
    }

    /// What the environment says; nil outside of a daemon's run.
    package static func current() throws(StoreFault) -> CurrentAttempt? {
        guard let store = Environment.nonEmpty(storeVariable) else { return nil }
        guard let job = Environment.nonEmpty(jobVariable).flatMap({ RunID($0) }),
            let number = Environment.nonEmpty(numberVariable).flatMap({ Int64($0) })
        else {
            throw .invalid(
                "\(storeVariable) is set, and \(jobVariable) and \(numberVariable) do not say which "
                    + "attempt this is: let the daemon set all three, or unset it")
        }
        let run = Environment.nonEmpty(runVariable)
        guard run == nil || run.flatMap({ RunID($0) }) != nil else {
            throw .invalid("\(runVariable) is no run id: let the daemon set it, or unset it")
        }
        return CurrentAttempt(
            store: store, job: job, number: number, run: run.flatMap { RunID($0) })
    }

    /// The queue's file, which must be there.
    package func open() throws(StoreFault) -> Store {
        guard Files.exists(store) else { throw .leaseGone(job: job.description) }
        var options = Store.Options()
        options.isBrief = true
        return try Store(store, options)
    }

    /// To be called right before something is done outside that must not be done twice.
    package func check() throws(StoreFault) {
        _ = try open().row(of: self)
    }
}

extension Store {
    /// The job of an attempt that still counts. A daemon that takes a run over keeps its attempt; where the run is begun again,
    /// or the job is over, it is gone, and so it is where the job was given back or waits. One whose lease ran out counts until
    /// somebody does so: it is adopted then, where it still runs.
    func row(of attempt: CurrentAttempt) throws(StoreFault) -> JobRow {
        let row = try row(named: attempt.job.description)
        guard row.attempt == attempt.number, row.state.isTaken,
            attempt.run == nil || attempt.run?.description == row.run
        else { throw .leaseGone(job: row.id) }
        return row
    }
}

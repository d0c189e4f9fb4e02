internal import Smelt

/// A new value, or none any more.
package enum Changed<Value: Sendable>: Sendable {
    case to(Value)
    case none
}

/// What is to be otherwise about a job that has not begun; what is nil or empty stays as it is.
package struct JobEdit: Sendable {
    package var name: String?
    /// Put beside those that it has, in the place of those with the same keys.
    package var labels: [NewJob.Label] = []
    /// Keys of labels that go.
    package var droppedLabels: [String] = []
    package var group: String?
    package var priority: Int64?
    /// Milliseconds since 1970.
    package var due: Changed<Int64>?
    /// All that it needs, in the place of what it needed.
    package var after: Changed<[NewJob.After]>?
    /// A cron line, of a schedule.
    package var every: String?
    package var retries: Int64?
    package var backoff: Int64?
    package var budget: Changed<Int64>?
    package var timeout: Changed<Int64>?
    package var work: Work?

    /// What it does.
    package struct Work: Sendable {
        package let kind: JobKind
        package let body: [UInt8]
        /// What it is made of: where that is not there any more, somebody else was quicker.
        package let former: [UInt8]
        /// Nil stays.
        let name: String?
        let lock: Changed<String>?

        /// The work of `new`, and its name and lock where those of the former one were by default: what `usual`, a job with the
        /// former work and nothing else, has.
        package init(_ new: NewJob, insteadOf former: NewJob, usual: NewJob?) {
            (kind, body, self.former) = (new.kind, new.body, former.body)
            name = usual?.name == former.name ? new.name : nil
            lock = usual?.lock == former.lock ? new.lock.map { .to($0) } ?? Changed.none : nil
        }
    }

    package init() {}

    /// The job as it is to be, and the names of what is then otherwise, in their order.
    func applied(to old: NewJob) -> (job: NewJob, changes: [String]) {
        var job = old
        if let work {
            job.body = work.body
            if let name = work.name { job.name = name }
            if let lock = work.lock { job.lock = lock.value }
        }
        if let name { job.name = name }
        job.labels.removeAll { droppedLabels.contains($0.key) }
        for label in labels { job.set(label) }
        // The same ones in another order are no others.
        if job.labels.count == old.labels.count, job.labels.allSatisfy(old.labels.contains) {
            job.labels = old.labels
        }
        if let group { job.group = group }
        if let priority { job.priority = priority }
        if let every { job.every = every }
        if let retries { job.retries = retries }
        if let backoff { job.backoff = backoff }
        if let budget { job.budget = budget.value }
        if let timeout { job.timeout = timeout.value }
        if let due { job.due = due.value }
        if let after { job.after = after.value ?? [] }
        let same: [(String, Bool)] = [
            ("after", after == nil), ("at", due == nil), ("backoff", job.backoff == old.backoff),
            ("budget", job.budget == old.budget), ("every", job.every == old.every),
            ("group", job.group == old.group), ("labels", job.labels == old.labels),
            ("lock", job.lock == old.lock), ("name", job.name == old.name),
            ("priority", job.priority == old.priority), ("retries", job.retries == old.retries),
            ("timeout", job.timeout == old.timeout), ("work", job.body == old.body),
        ]
        return (job, same.filter { !$0.1 }.map(\.0))
    }
}

extension Changed {
    package func map<Other>(_ change: (Value) -> Other) -> Changed<Other> {
        switch self {
        case .to(let value): .to(change(value))
        case .none: .none
        }
    }

    package var value: Value? { if case .to(let value) = self { value } else { nil } }
}

extension NewJob {
    /// Of two labels with one name the later counts.
    package mutating func set(_ label: Label) {
        labels.removeAll { $0.key == label.key }
        labels.append(label)
    }
}

internal import Smelt

/// Which machine has which job.
extension Store {
    /// How many jobs each worker has, or may have, by its name; the empty one is this machine.
    package func loads() throws(StoreFault) -> [String: Int] {
        let found = try database.all(
            "SELECT worker, count(*) FROM jobs WHERE state IN (4, 7) GROUP BY worker"
        ) { ($0.text(0), Int($0.number(1))) }
        return Dictionary(found, uniquingKeysWith: +)
    }

    /// Where a job is, and where it is not tried any more.
    package struct Placement: Sendable, Equatable {
        package let worker: String
        package let avoided: Set<String>
    }

    /// Nil when there is no such job.
    package func placement(of lease: Lease) throws(StoreFault) -> Placement? {
        try database.first(
            "SELECT worker, avoid FROM jobs WHERE job = ?", .number(lease.job)
        ) { row in
            let avoided = row.optionalText(1)?.split(
                separator: "\n", omittingEmptySubsequences: false)
            return Placement(
                worker: row.optionalText(0) ?? "", avoided: Set((avoided ?? []).map(String.init)))
        }
    }
}

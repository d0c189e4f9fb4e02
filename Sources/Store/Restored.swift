package import Smelt

/// What a restore took away, so that whoever was told that his job is on the disk can be told that it is not in the queue.
package struct Restored: Sendable, Equatable {
    /// The name that what was there has now; nil where nothing was.
    package let old: String?
    /// Jobs that are in that alone, oldest first; nil where it could not be read.
    package let gone: [RunID]?
    /// How many of the others stand as they did when the copy was made, and had gone on since.
    package let behind: Int
    /// Jobs that the copy alone has and that can begin: whoever removed them since may have seen them run.
    package let again: [RunID]

    struct Difference {
        let gone: [RunID]
        let behind: Int
        let again: [RunID]
    }
}

extension Restored {
    /// What the store at `path` has and the copy does not; nil where it cannot be read, which may be why somebody restores.
    static func compare(_ path: String, with copy: String) -> Difference? {
        guard Files.exists(path) else {
            return Files.exists("\(path)-wal") ? nil : Difference(gone: [], behind: 0, again: [])
        }
        do throws(StoreFault) {
            try StoreFile.recognise(try Database(path, .reading))
            let database = try Database(copy, .existing)
            try database.run("ATTACH ? AS before", .text(path))
            let gone = try database.all(
                """
                SELECT id FROM before.jobs o WHERE NOT EXISTS (SELECT 1 FROM main.jobs n WHERE n.id = o.id) ORDER BY job
                """
            ) { RunID($0.text(0)) }
            let behind = try database.number(
                "SELECT count(*) FROM before.jobs o JOIN main.jobs n USING (id) WHERE n.seq < o.seq"
            )
            let again = try database.all(
                """
                SELECT id FROM main.jobs n WHERE state < 8
                AND NOT EXISTS (SELECT 1 FROM before.jobs o WHERE o.id = n.id) ORDER BY job
                """
            ) { RunID($0.text(0)) }
            return Difference(
                gone: gone.compactMap(\.self), behind: Int(behind ?? 0),
                again: again.compactMap(\.self))
        } catch { return nil }
    }
}

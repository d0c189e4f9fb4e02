import Records
import Results
import Smelt
import Store

/// Looks, before a job is resumed, whether the work is there that its next attempt takes over.
enum Resume {
    /// What cannot be looked at is found out by the attempt itself.
    static func check(_ id: RunID, in store: Store) throws(StoreFault) {
        guard let resumed = try store.resumed(of: id), let gone = try? missing(resumed) else {
            return
        }
        throw .notNow(
            job: "\(id)",
            state:
                "without the work of session '\(Visible.line(gone.session))' of run '\(gone.run)', "
                + "which was pruned: leave out --resume", wish: "resume")
    }

    /// The first session whose work is nowhere.
    private static func missing(_ resumed: Resumed) throws -> Resumed.Taken? {
        let repositories = Repositories(state: try Places.state())
        let work = TakenWork(in: try repositories.results())
        return try resumed.sessions.first { taken in
            let isLeft = [resumed.run, taken.run].contains { run in
                // Of a run that was killed its environment has it.
                Files.exists(
                    "\(repositories.environments)/smelt-\(run)/\(SafeName.of(taken.session)).bundle"
                )
            }
            return try !isLeft && !work.isKept(taken, of: resumed)
        }
    }
}

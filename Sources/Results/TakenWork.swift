package import Records
internal import Smelt

/// The work of earlier runs' sessions that another run takes over, as smelt's own repository has it.
package struct TakenWork {
    private let results: Git

    package init(in results: Git) {
        self.results = results
    }

    /// Whether a reference of the run that is gone on with, or of the one that did the work, names it: it is not enough that
    /// there is such a commit. Where a session added nothing, its work is a merge that was made here and has no reference.
    package func isKept(_ taken: Resumed.Taken, of resumed: Resumed) throws -> Bool {
        if taken.commit == resumed.baseCommit { return true }
        let name = SafeName.of(taken.session)
        for run in [resumed.run, taken.run].compactMap({ RunID($0) }) {
            let references = RunReferences(of: run, in: results)
            for place in [references.session(name), references.rescued(name)] {
                if try results.commit(place) == taken.commit { return true }
            }
        }
        return try taken.start == taken.commit && results.commit(taken.commit) == taken.commit
    }
}

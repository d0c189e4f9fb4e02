import Records
import Results
import Smelt

/// Whether a rule of the manifest's, or of the daemon's, makes a person's yes unneeded.
struct Acceptance {
    let job: Job
    let rules: ReviewRules
    let result: ResultCollected
    /// Of each session, the last.
    let gates: [String: Bool]

    /// The answer of the first rule that holds.
    func answer(in results: Git) throws -> ReviewDecided? {
        guard let all = rules.autoAccept, isHarmless else { return nil }
        let changes = try FileChanges(from: result.base, to: result.commit, in: results)
        let protected = Protected(job.protect)
        guard changes.all.allSatisfy({ protected.pattern(for: $0) == nil && isHarmless($0) }),
            let index = all.firstIndex(where: { holds($0, for: changes) })
        else { return nil }
        let lines = changes.insertions + changes.deletions
        return ReviewDecided(
            decision: .approved, commit: result.commit, actor: "auto_accept[\(index)]",
            note: "\(Quantity.count(changes.all.count, "file")) and "
                + "\(Quantity.count(lines, "line")) within its paths")
    }

    /// What the result itself wants to be looked at is no rule's to pass.
    private var isHarmless: Bool {
        let reasons = result.reviewReasons ?? []
        // A filter may demand a review and say no reason.
        return reasons.allSatisfy { $0 == ResultCollected.everyResult }
            && (result.review == .none || !reasons.isEmpty)
            && result.conflicts?.isEmpty ?? true && !result.draft
    }

    /// As `isHarmless`, of one file: what cannot be read, or is to be run from now on, somebody looks at.
    private func isHarmless(_ change: FileChange) -> Bool {
        let executable = FileChange.Mode.executable
        return !change.isBinary && (change.newMode != executable || change.oldMode == executable)
    }

    private func holds(_ rule: ReviewRules.AutoAccept, for changes: FileChanges) -> Bool {
        let covered = Covered(rule.paths)
        guard changes.all.allSatisfy(covered.covers) else { return false }
        if let most = rule.mostFiles, changes.all.count > most { return false }
        if let most = rule.mostLines, changes.insertions + changes.deletions > most {
            return false
        }
        return !rule.gates || result.sessions.allSatisfy { gates[$0] == true }
    }
}

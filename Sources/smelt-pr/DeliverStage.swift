import Forges
import Records
import Results
import Smelt
import Store

/// The command in the pipe: remembers what the pull request will tell, and delivers as soon as the
/// result may be delivered.
final class DeliverStage {
    struct Choices {
        var noPullRequest = false
        var force = false
        /// Seconds that a busy forge may keep us waiting.
        var patience = 300.0
    }

    private let stage = Stage(
        "pr",
        wants: [
            ResultCollected.type, ReviewRequested.type, ReviewDecided.type, SessionFinished.type,
            GateFinished.type, Egress.type,
        ])
    private let choices: Choices
    private var plan: RunPlanned?
    private var result: ResultCollected?
    private var sessions: [SessionFinished] = []
    private var gates: [GateFinished] = []
    private var deniedHosts: [String: Int] = [:]
    /// Stages, other than this one, that ended the run.
    private var failed: Set<String> = []
    /// Commits that somebody was asked about. Rules may be others by now; what was asked is not delivered without a yes.
    private var asked: Set<String> = []
    private var approved: String?
    private var isOver = false

    init(_ choices: Choices) {
        self.choices = choices
        // A log that is fed again holds our own failure of the last time, which blocks nothing.
        stage.alwaysHandsOver = true
    }

    func run() throws -> Exit {
        while let line = try stage.next() { attempt { try take(line) } }
        attempt { try finish() }
        if failed.isEmpty { stage.expect(ResultCollected.type) }
        return stage.exit
    }

    private func attempt(_ work: () throws -> Void) {
        do { try work() } catch {
            isOver = true
            stage.fail(error as? any Fault ?? Unexpected("\(error)"))
        }
    }

    private func take(_ line: Line) throws {
        switch line.type {
        case RunPlanned.type: plan = try line.decode(RunPlanned.self)
        case SessionFinished.type:
            let finished = try line.decode(SessionFinished.self)
            sessions.removeAll { $0.session == finished.session }
            sessions.append(finished)
        case GateFinished.type: gates.append(try line.decode(GateFinished.self))
        case Egress.type:
            let egress = try line.decode(Egress.self)
            if !egress.allowed {
                deniedHosts["\(egress.host):\(egress.port)", default: 0] += egress.count ?? 1
            }
        case ResultCollected.type: result = try line.decode(ResultCollected.self)
        case Failed.type:
            let record = try line.decode(Failed.self)
            if record.session == nil, record.stage != stage.name { failed.insert(record.stage) }
        case ReviewRequested.type: asked.insert(try line.decode(ReviewRequested.self).commit)
        case ReviewDecided.type: try take(try line.decode(ReviewDecided.self))
        default: break
        }
    }

    private func take(_ decided: ReviewDecided) throws {
        asked.insert(decided.commit)
        guard let result, decided.commit == result.commit else { return }
        approved = decided.decision == .approved ? decided.commit : nil
        guard approved != nil else { return }
        // A yes that came after the time was up lifts the review's own failure.
        failed.remove("review")
        if failed.isEmpty { try deliver(result) }
    }

    /// At the end of the input: a result that needs no answer is delivered now.
    private func finish() throws {
        guard let result, failed.isEmpty, !isOver, stage.ownExit == nil else { return }
        let rules = try (plan?.job.review ?? ReviewRules()).filled(from: .ofDaemon())
        let needsReview =
            result.review == .required || rules.required || asked.contains(result.commit)
        if needsReview, approved != result.commit, result.commit != result.base {
            throw DeliverFault.notApproved(result.commit)
        }
        try deliver(result)
    }

    private func deliver(_ result: ResultCollected) throws {
        guard !isOver, stage.ownExit == nil else { return }
        isOver = true
        try Interruption.check()
        stage.output.look()
        // Nothing changed: that is a good end, too.
        guard !stage.output.isUnheard, result.commit != result.base else { return }
        guard let plan, let run = stage.run else { throw StageFault.cutOff(RunPlanned.type) }
        let results = try Repositories(state: try Places.state()).results()
        guard try results.commit(result.commit) == result.commit else {
            throw DeliverFault.noCommit(result.commit)
        }
        var change = Change(run: run, job: plan.job, result: result)
        change.sessions = sessions
        change.gates = gates
        change.deniedHosts = deniedHosts
        change.files = try Numstat.files(in: results, from: result.base, to: result.commit)

        // Of a run of the queue's daemon: one that was begun again elsewhere delivers, and this one does not.
        let attempt = try CurrentAttempt.current()
        let fence: Fence = { try attempt?.check() }
        let forge =
            choices.noPullRequest
            ? nil : try plan.job.forge?.opened(patience: choices.patience, fence: fence)
        try forge?.check()
        if forge != nil, result.branch == plan.job.merge.target, let base = change.base {
            let own = Remote(plan.job.repository, hiding: plan.job.forge?.tokenEnv)
            let isBranch = try own.hasBranch(base, asking: results.repository)
            change.startsFromNoBranch = isBranch == false
        }
        for remote in remotes(of: plan.job, forge) {
            let move = BranchMove(
                source: results.repository, commit: result.commit, branch: result.branch,
                job: plan.job.name, force: choices.force, log: RunLog.path(of: run, plan),
                fence: fence)
            guard case .moved(let old) = try move.run(on: remote) else { continue }
            try stage.write(
                BranchUpdated(
                    url: remote.shown, ref: move.reference, old: old, new: result.commit))
        }
        guard let forge else { return }
        let warnings = try forge.deliver(change) {
            try report($0, forge: forge.name, head: result.branch)
        }
        for warning in warnings { say("smelt-pr: \(warning)\n") }
    }

    /// The user's own repository, and the forge's where that is another. A URL is left alone when
    /// there is a forge to deliver to: it may be one that the job only reads from.
    private func remotes(of job: Job, _ forge: (any Forge)?) -> [Remote] {
        let own = Remote(job.repository, hiding: job.forge?.tokenEnv)
        guard let forge else { return [own] }
        if own.path == nil || own.isSame(as: forge.remote) { return [forge.remote] }
        return [own, forge.remote]
    }

    private func report(_ opened: Opened, forge: String, head: String) throws {
        func write<R: PullRequestRecord>(_ type: R.Type) throws {
            try stage.write(
                R(
                    forge: forge, url: opened.url, number: opened.number, head: head,
                    base: opened.base, draft: opened.draft))
        }
        if opened.isNew {
            try write(PullRequestOpened.self)
        } else {
            try write(PullRequestUpdated.self)
        }
    }
}

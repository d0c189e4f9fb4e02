internal import Glibc
import Records
import Results
import Smelt
import Store

/// The command in the pipe. Records go on while it waits, so it never stands in one blocking call:
/// it sleeps on the input, the directory where the answer appears, signals, and its reader's going
/// away, all at once, with the expiry as the time-out.
final class ReviewStage {
    let stage = Stage(
        "review",
        wants: [ResultCollected.type, ReviewRequested.type, ReviewDecided.type, GateFinished.type])
    let state: String
    /// Ask although nothing demands it.
    let always: Bool
    var job: Job?
    private var result: ResultCollected?
    var question: Question?
    /// Set at the first question of a run of the queue's daemon.
    var queue: QueuedReview?
    /// What the input asked, and the last answer in it: a log may end with either.
    var told: [ReviewRequested] = []
    private var answered: ReviewDecided?
    /// This stage has given the answer.
    private var isClosed = false
    var rules = ReviewRules()
    /// Of each session, the last.
    var gates: [String: Bool] = [:]

    init(state: String, always: Bool) {
        self.state = state
        self.always = always
    }

    func run() throws -> Exit {
        do {
            while true {
                while let line = try stage.nextHere() { try take(line) }
                if stage.output.isUnheard { return stage.exit }
                guard question != nil else {
                    if stage.isAtEnd { break }
                    try stage.fill()
                    continue
                }
                try wait()
            }
        } catch let fault as any Fault {
            stage.fail(fault)
            try drain()
        }
        failAsAnswered()
        stage.expect(ResultCollected.type)
        return stage.exit
    }

    private func take(_ line: Line) throws {
        switch line.type {
        case RunPlanned.type:
            let planned = try line.decode(RunPlanned.self).job
            rules = planned.review.filled(from: try ReviewRules.ofDaemon())
            job = planned
        case GateFinished.type:
            let gate = try line.decode(GateFinished.self)
            gates[gate.session] = gate.ok
        case ResultCollected.type:
            let result = try line.decode(ResultCollected.self)
            if self.result?.commit != result.commit { answered = nil }
            self.result = result
            if always || result.review == .required || rules.required { try open(result) }
        case ReviewRequested.type:
            let asked = try line.decode(ReviewRequested.self)
            told.append(asked)
            // Whatever the rules say by now: who was asked is to answer.
            guard !isClosed, question == nil, answered == nil else { return }
            if let result, asked.commit == result.commit { try open(result) }
        case ReviewDecided.type: try take(try line.decode(ReviewDecided.self))
        case Failed.type:
            if stage.failure != nil { question = nil }
        default: break
        }
    }

    private func open(_ result: ResultCollected) throws {
        // Nothing changed, so there is nothing to agree to and nothing will be delivered.
        guard result.commit != result.base, let run = stage.run else { return }
        try Interruption.check()
        question = Question(result: result, files: ReviewFiles(run, state: state))
    }

    /// An answer counts although nobody would be asked any more.
    private func take(_ decided: ReviewDecided) throws {
        guard let result, let run = stage.run, decided.commit == result.commit else { return }
        question = nil
        answered = decided
        // A recorded answer stands; only a recorded silence may have been broken since.
        guard decided.decision == .expired else { return }
        if let answer = try ReviewFiles(run, state: state).decision(for: decided.commit) {
            try close(with: answer.record)
        }
    }

    /// Asks when that has not been done, takes the answer when it is there, else sleeps until
    /// something happens.
    private func wait() throws {
        guard let open = question else { return }
        let queued = try queue ?? QueuedReview()
        let commit = open.result.commit
        if let answer = try acceptance(of: open) {
            // Somebody's question or answer may be further on, and comes before any rule.
            guard stage.isAtEnd else { return try stage.fill() }
            try Interruption.check()
            guard stage.failure == nil else { return question = nil }
            return try close(
                with: queued?.accept(open.newRequest(by: job, rules), of: open.files.run, answer)
                    ?? answer)
        }
        if let queued { return try wait(open, queued) }
        if rules.needsQueue {
            // The answer may be further on, in the log of such a run.
            guard stage.isAtEnd else { return try stage.fill() }
            throw Environment.nonEmpty(CurrentAttempt.storeVariable) == nil
                ? ReviewFault.noQueue : .noResume
        }
        if let answer = try open.files.decision(for: commit) {
            if open.request == nil { _ = try ask(open) }
            return try close(with: answer.record)
        }
        let request = try open.request ?? ask(open)
        question?.request = request
        // The watch is there before the last look, so an answer between the two wakes us.
        let watch = try Watch(open.files.directory)
        while try open.files.decision(for: commit) == nil {
            try Interruption.check()
            let left = request.expires.milliseconds - Timestamp.now.milliseconds
            if left <= 0 || open.files.isExpired(commit) {
                return try expire(open, request)
            }
            var waiting = [
                pollfd(fd: stage.isAtEnd ? -1 : stage.input, events: Int16(POLLIN), revents: 0),
                pollfd(fd: watch.number, events: Int16(POLLIN), revents: 0),
                pollfd(fd: Interruption.descriptor, events: Int16(POLLIN), revents: 0),
                pollfd(fd: stage.output.descriptor, events: 0, revents: 0),
            ]
            poll(&waiting, 4, Int32(clamping: left))
            if waiting[1].revents != 0 { try watch.drain() }
            stage.output.look()
            if stage.output.isUnheard { return }
            if waiting[0].revents != 0 {
                try stage.fill()
                return
            }
        }
    }

    /// A log that ends with a no was cut off before what follows of it.
    private func failAsAnswered() {
        guard let answered, stage.failure == nil else { return }
        switch answered.decision {
        case .approved: break
        case .denied:
            stage.fail(
                ReviewFault.denied(actor: answered.actor ?? "somebody", note: answered.note))
        case .expired:
            fail(asExpired: told.last?.expires ?? .now)
        }
    }

    private func fail(asExpired time: Timestamp) {
        let queued = queue ?? (try? QueuedReview())
        stage.fail(ReviewFault.expired(time, job: queued?.attempt.job))
    }

    private func ask(_ open: Question) throws -> ReviewFiles.Request {
        let request: ReviewFiles.Request
        if let earlier = try open.files.request(), earlier.commit == open.result.commit {
            request = earlier
        } else {
            request = open.newRequest(by: job, rules)
            try open.files.write(request)
        }
        try stage.write(ReviewRequested(request))
        return request
    }

    private func expire(_ open: Question, _ request: ReviewFiles.Request) throws {
        let commit = request.commit
        if !open.files.isExpired(commit) { try open.files.expire(commit, at: request.expires) }
        // Somebody may have answered in the last moment; an answer is worth more than the clock.
        if let answer = try open.files.decision(for: commit) {
            return try close(with: answer.record)
        }
        try close(with: ReviewDecided(decision: .expired, commit: commit))
    }

    func close(with decided: ReviewDecided) throws {
        let expires = question?.request?.expires ?? .now
        question = nil
        answered = nil
        isClosed = true
        try stage.write(decided)
        switch decided.decision {
        case .approved: break
        case .denied:
            stage.fail(ReviewFault.denied(actor: decided.actor ?? "somebody", note: decided.note))
        case .expired: fail(asExpired: expires)
        }
    }

    private func drain() throws {
        question = nil
        while try stage.next() != nil {}
    }
}

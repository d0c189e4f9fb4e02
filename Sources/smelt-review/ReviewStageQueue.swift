import Records
import Results
import Smelt

/// What the stage does where it need not wait for a person.
extension ReviewStage {
    /// Asks in the queue, then at the end of the input looks whether somebody has answered meanwhile. Else this run is over: the
    /// answer begins these stages anew.
    func wait(_ open: Question, _ queued: QueuedReview) throws {
        var queued = queued
        try Interruption.check()
        if try queued.knows(open.result.commit, of: open.files.run) {
            // The question, and perhaps the answer, are further on.
            queue = queued
            guard stage.isAtEnd else { return try stage.fill() }
        } else if !rules.needsQueue,
            let answer = try open.files.decision(for: open.result.commit)
        {
            // Given before anybody asked, when it was not said whose answer counts. A no goes with that,
            // so that the question can be asked anew.
            try close(with: answer.record)
            if answer.decision == .denied { open.files.forget(answer) }
            return
        }
        let review =
            try queued.asked
            ?? queued.ask(open.newRequest(by: job, rules), of: open.files.run, rules)
        queue = queued
        let request = try review.request()
        question?.request = request
        let record = ReviewRequested(request)
        if !told.contains(record) {
            told.append(record)
            try stage.write(record)
        }
        guard stage.isAtEnd else { return try stage.fill() }
        if let decided = try queued.look(at: open.files.run)?.record,
            decided.commit == request.commit
        {
            return try close(with: decided)
        }
        throw ReviewFault.waits(open.files.run, until: request.expires)
    }

    /// The answer of a rule, where one passes the result and no person was asked or has answered.
    func acceptance(of open: Question) throws -> ReviewDecided? {
        let commit = open.result.commit
        guard open.request == nil, !always, let job, rules.autoAccept != nil,
            !told.contains(where: { $0.commit == commit }),
            try open.files.decision(for: commit) == nil
        else { return nil }
        // Looked for once: nothing of it changes.
        if let looked = open.acceptance { return looked.answer }
        let answer = try Acceptance(job: job, rules: rules, result: open.result, gates: gates)
            .answer(in: Repositories(state: state).results())
        question?.acceptance = .init(answer: answer)
        return answer
    }
}

import Glibc
import Records
import Smelt
import Store

/// `add`: jobs from files, from lines, or from the command line, all or none of them. When it ends with 0 they are on the
/// disk.
enum Add {
    static let verb = Verb(
        "add", options: AddOptions.all, operands: "FILE...|-|-- COMMAND [ARGUMENT]...",
        summary: "adds jobs, and prints their ids when they are on the disk"
    ) { words in
        let jobs = try read(words)
        guard words[AddOptions.admission] == nil || jobs.allSatisfy({ $0.slot != nil }) else {
            throw Usage("--admission is about a slot: name it with --slot")
        }
        if words[AddOptions.wait] { return try addAndWait(jobs, words) }
        let now = Instant.now()
        // Whether a lock is free, which a record tells, only the store knows.
        if let job = jobs.first, jobs.count == 1, job.lock == nil || !words[AddOptions.json],
            let added = try Store.spool(job, to: try SmeltQueue.path, by: .caller, now)
        {
            return try answer([added], words[AddOptions.json], now)
        }
        let store = try SmeltQueue.open(needsAll: !jobs.allSatisfy(\.standsAlone))
        return try answer(try store.add(jobs, by: .caller, now), words[AddOptions.json], now)
    }

    /// Whoever gives up waiting is told what goes on without him.
    private static func addAndWait(_ jobs: [NewJob], _ words: Words) throws -> Exit {
        guard jobs.allSatisfy({ $0.every == nil }) else {
            throw Usage("a schedule is never over: leave out --wait or --every")
        }
        Interruption.install()
        let store = try SmeltQueue.open()
        let now = Instant.now()
        let answers = try store.add(jobs, by: .caller, now)
        let ids = answers.compactMap(\.id)
        do {
            let isRefused = try answer(answers, words[AddOptions.json], now) != .done
            let status = try Waiting.end(of: ids, store)
            if status != 0 { exit(status) }
            return isRefused ? .no : .done
        } catch let cancelled as Cancelled {
            // One that is not there any more is over, and was pruned.
            let left = ids.filter { (try? store.show($0).state.isOver) == false }
            if !left.isEmpty {
                say("smelt-queue: waited no longer; \(Unprinted.named(left, "goes on", "go on"))\n")
            }
            throw cancelled
        }
    }

    private static func read(_ words: Words) throws -> [NewJob] {
        guard let first = words.operands.first else {
            throw Usage("nothing to add: name files, -, or -- and a command")
        }
        if words.behindDashes > 0 {
            guard words.behindDashes == words.operands.count else {
                throw Usage("files and a command are added one after the other")
            }
            return [command(words.operands, words)]
        }
        if first == "-" {
            guard words.operands.count == 1 else { throw Usage("- is read alone") }
            return try AddLines.read(words)
        }
        return try words.operands.map { name in
            var job = try AddFile.read(name, words)
            job.source = Visible.line(name)
            return job
        }
    }

    private static func command(_ argv: [String], _ words: Words) -> NewJob {
        var job = NewJob(.command, name: argv[0], body: body(argv))
        job.origin = Files.workingDirectory
        AddOptions.apply(words, to: &job)
        return job
    }

    /// Words as a JSON array.
    static func body(_ argv: [String]) -> [UInt8] {
        var body: [UInt8] = [UInt8(ascii: "[")]
        for word in argv {
            if body.count > 1 { body.append(UInt8(ascii: ",")) }
            JSONText.appendQuoted(Array(word.utf8)[...], to: &body)
        }
        body.append(UInt8(ascii: "]"))
        return body
    }

    /// Ids, or records, on one side; what was not let in on the other.
    private static func answer(
        _ answers: [Admission], _ asRecords: Bool, _ now: Instant
    ) throws -> Exit {
        var output: [UInt8] = []
        output.reserveCapacity(answers.count * 27)
        var isRefused = false
        for (index, answer) in answers.enumerated() {
            if asRecords { output += try JobAdmitted.line(answer, at: now) }
            switch answer {
            case .added(let id, _):
                if !asRecords { output.append(contentsOf: "\(id)\n".utf8) }
                if !asRecords, answer.isOver {
                    say("smelt-queue: \(id) is cancelled already: see smelt-queue show\n")
                }
            case .existing(let id, _):
                if !asRecords {
                    output.append(contentsOf: "\(id)\n".utf8)
                    say("smelt-queue: \(answer.sentence)\n")
                }
            case .dropped, .full:
                isRefused = true
                let which = answers.count > 1 ? "job \(index + 1) was " : "the job was "
                if !asRecords { say("smelt-queue: \(which)\(answer.sentence)\n") }
            }
        }
        try Unprinted.put(
            output,
            done: Unprinted.named(
                answers.compactMap(\.added), "was added all the same",
                "were added all the same"))
        return isRefused ? .no : .done
    }
}

extension Admission {
    /// What it needs can not be any more, or it was superseded by another one of them.
    fileprivate var isOver: Bool { if case .added(_, .cancelled) = self { true } else { false } }

    /// The job that there was not before.
    fileprivate var added: RunID? { if case .added(let id, _) = self { id } else { nil } }
}

extension JobAdmitted {
    static func line(_ answer: Admission, at now: Instant) throws(RecordFault) -> [UInt8] {
        let record: JobAdmitted
        var id = RunID.unknown
        switch answer {
        case .added(let job, let state):
            (id, record) = (job, JobAdmitted(admission: "added", state: state.word))
        case .existing(let job, let state):
            (id, record) = (job, JobAdmitted(admission: "existing", state: state.word))
        case .dropped(let holder):
            record = JobAdmitted(admission: "dropped", because: holder.description)
        case .full: record = JobAdmitted(admission: "full")
        }
        return try RecordJSON.line(record, run: id, at: Timestamp(milliseconds: now.wall))
    }
}

import Glibc
import Records
import Smelt

/// The last stage: keeps the log and the state of the run, shows the run to people, and ends with
/// its status.
final class Recorder {
    private let stage: Stage
    private let view: LiveView?
    private var history = History()
    private var log: RunLog?
    private var stateFile: StateFile?
    /// Lines that came before the log's place was known.
    private var early: [UInt8] = []
    private var isEarly = true
    /// Why there is no log, or no more of it; told once.
    private var fault: (any Fault)?
    private var isTold = false
    private var isUnsettled = false
    /// Whether the last line that passed is `run.finished`.
    private var isEnded = false

    /// As much as may come before `run.planned` and still be in the log.
    private static let mostEarly = 1 << 20

    /// How many stages have to say that they have ended.
    private let stages: Int
    /// Of what says it: for this command alone, no record of the run.
    private static let stageEnded = "stage.ended"

    /// With a view, records go to the log alone.
    init(view: LiveView?, output: Int32, stages: Int) {
        self.view = view
        self.stages = stages
        let wanted = view == nil ? History.wanted : History.wanted.union([Output.type])
        stage = Stage("runs", wants: wanted, output: output)
        stage.alwaysHandsOver = true
        stage.isStoppable = false
        if stages > 0 { stage.withheld = (Self.stageEnded, 0) }
        stage.output.observer = { [unowned self] bytes in keep(bytes) }
    }

    /// Records until the input ends, or the second signal comes.
    func run() throws -> Exit? {
        while true {
            while let line = try stage.nextHere() { take(line) }
            settle()
            view?.draw(history)
            if stage.isAtEnd || Interruption.signals > 1 { break }
            if wait() { try stage.fill() }
        }
        return finish()
    }

    /// Whether there is something to read.
    private func wait() -> Bool {
        var waiting = [
            pollfd(fd: stage.input, events: Int16(POLLIN), revents: 0),
            pollfd(fd: Interruption.descriptor, events: Int16(POLLIN), revents: 0),
        ]
        let ready = poll(&waiting, 2, view == nil ? -1 : 250)
        // The first signal is for the stages that have something to stop; here all is kept.
        if ready > 0, waiting[1].revents != 0 { Interruption.drain() }
        return ready > 0 && waiting[0].revents != 0
    }

    private func take(_ line: Line) {
        adopt()
        if line.type == Output.type {
            view?.note(line)
            return
        }
        check(line)
        history.take(line)
        if line.type == RunPlanned.type, isEarly { open() }
        isUnsettled = true
    }

    /// A record that says less than its type promises could be one of a failure.
    private func check(_ line: Line) {
        guard let type = recordTypes.first(where: { $0.type == line.type }) else { return }
        do { _ = try line.decode(type) } catch {
            stage.fail(error)
            adopt()
        }
    }

    /// What the stage itself found wrong with the input is part of the history too. What others found has passed as a record,
    /// and the history knows whether it still counts.
    private func adopt() {
        guard history.failure == nil, let failed = stage.ownFailure else { return }
        history.take(failed: failed)
        // One that an answer has lifted since is nothing new.
        if history.failure != nil { isUnsettled = true }
    }

    private func open() {
        isEarly = false
        do {
            guard let planned = history.planned, let run = stage.run else { return }
            guard planned.runsDirectory.hasPrefix("/") else {
                throw RecordingFault.noDirectory(planned.runsDirectory)
            }
            let name = planned.job.name
            guard let directory = RunState.directory(of: name, in: planned.runsDirectory) else {
                throw RecordingFault.jobName(name)
            }
            log = try RunLog(run: run, in: directory)
            stateFile = StateFile("\(directory)/state.toml", run: run)
            try early.withUnsafeBytes { try log?.append($0) }
        } catch {
            fault = error as? any Fault
        }
        early = []
    }

    private func keep(_ bytes: UnsafeRawBufferPointer) {
        let last = bytes.dropLast().lastIndex(of: 10).map { $0 + 1 } ?? 0
        isEnded = String(decoding: bytes[last...].prefix(64), as: UTF8.self)
            .contains("\"\(RunFinished.type)\"")
        if isEarly {
            guard early.count + bytes.count <= Self.mostEarly else {
                isEarly = false
                early = []
                fault = RecordingFault.tooLate(Self.mostEarly)
                return
            }
            early.append(contentsOf: bytes)
        } else if fault == nil {
            do { try log?.append(bytes) } catch { fault = error }
        }
    }

    /// After each piece of input in which something happened: the log on the disk, then the state.
    private func settle() {
        adopt()
        tell()
        guard isUnsettled, fault == nil else { return }
        isUnsettled = false
        do {
            try log?.sync()
            try stateFile?.replace(with: history.state(pid: getpid()))
        } catch {
            fault = error
        }
        tell()
    }

    private func tell() {
        guard let fault, !isTold else { return }
        isTold = true
        stage.fail(fault)
        history.take(failed: Failed(stage: stage.name, fault))
    }

    private func finish() -> Exit? {
        if Interruption.signals > 1, let exit = Interruption.exit {
            addFailure(Cancelled(exit))
        } else if history.failure == nil, !stage.seen.contains(SessionsFinished.type) {
            addFailure(StageFault.cutOff(SessionsFinished.type))
        } else if history.failure == nil, let ended = stage.withheld?.count, ended < stages {
            addFailure(RecordingFault.stagesDied(stages - ended))
        }
        settle()
        end()
        view?.close(history)
        // Of an end that is not in the log, no record can tell any more.
        return stage.outputExit ?? (isTold ? nil : fault?.exit)
    }

    private func addFailure(_ fault: any Fault) {
        stage.fail(fault)
        history.take(failed: Failed(stage: stage.name, fault))
        isUnsettled = true
    }

    /// Writes `run.finished`, unless the input, and with it the log, already ended so.
    private func end() {
        // What is new may have come before an end that the log has had for long.
        let isOpen = log.map { $0.isReplay && !$0.isFinished } ?? false
        guard !isEnded || isOpen else { return }
        // A log that is complete and got nothing new stays as it is.
        if let log, log.wasFinished, !log.isChanged { self.log = nil }
        let record = RunFinished(status: history.status, seconds: seconds)
        // The disk may have room again for the last lines, now that a half-written one is cut off.
        let wasTold = fault
        fault = nil
        if let wasTold, log != nil {
            let failed = try? RecordJSON.line(
                Failed(stage: stage.name, wasTold), run: stage.run ?? .unknown)
            failed?.withUnsafeBytes { keep($0) }
        }
        try? stage.write(record)
        history.take(finished: record)
        do {
            try log?.sync()
            try stateFile?.replace(with: history.state(pid: getpid()))
        } catch { fault = fault ?? error }
        if let fault, wasTold == nil { say("smelt-runs: \(fault)\n") }
    }

    private var seconds: Double {
        guard let start = history.startedAt else { return 0 }
        let end = log?.isReplay == true ? history.lastAt ?? .now : .now
        return Double(max(0, end.milliseconds - start.milliseconds)) / 1000
    }

    /// The run's status, from its records alone.
    var status: Int32 { history.status }
}

/// A job's `state.toml`, written by the recorder of its latest run.
struct StateFile {
    private let path: String
    /// What the file said before of the same run, or of a later one.
    private let before: RunState?
    private let isOurs: Bool

    init(_ path: String, run: RunID) {
        self.path = path
        before = try? RunState(readFrom: path)
        // Run ids sort by time: an earlier run that is recorded again does not become the latest.
        isOurs = before?.run.map { $0.description <= run.description } ?? true
    }

    func replace(with state: RunState?) throws(SystemFault) {
        guard isOurs, var state else { return }
        if let before, before.run == state.run, before.pullRequestURL == state.pullRequestURL {
            // What `smelt-pr watch` found out since.
            state.pullRequestStatus = before.pullRequestStatus ?? state.pullRequestStatus
            state.checks = before.checks
            state.reviewCount = before.reviewCount
        }
        try state.replace(path)
    }
}

internal import CSystem
internal import Glibc
internal import Records
package import Smelt

/// `smelt-queue work RUN`: runs the part of the pipeline that is here, in a session of its own, and sees to it that the run does
/// not outlive the interest in it.
package final class Supervisor {
    private let place: WorkPlace
    private let facts: WorkPlace.Facts
    private let lock: Lock
    private let control: Descriptor
    private var programs: [Program] = []
    /// When the other side was heard last, and when the next step of an end is due, in monotonic seconds.
    private var heard = monotonicSeconds()
    private var nextStep: Double?
    private var steps = 0
    /// Since when it has been asked in vain to stop.
    private var askingSince: Double?
    private var isOver = false
    private var isAbandoned = false

    /// A program of the pipeline.
    private struct Program {
        let process: Int32
        let handle: Int32
        var hasEnded = false
    }

    /// Seconds from asking the run to stop until its sessions are killed, and until the rest is.
    static let patience = 30.0

    package static func run(_ id: String) throws -> Exit {
        guard let run = RunID(id) else { throw Usage("'\(Visible.line(id))' is no run id") }
        Interruption.install()
        let state = try Places.state()
        return try Supervisor(WorkPlace(run: run, state: state)).untilOver()
    }

    private init(_ place: WorkPlace) throws {
        self.place = place
        facts = try place.readFacts()
        lock = try Self.lock(place)
        // What was begun once is not begun again.
        guard !Files.exists(place.ended), !place.isAbandoned, Files.size(place.records) == 0 else {
            throw WorkerFault.begunBefore(place.run)
        }
        // Both ways, so that there is always a reader and never an end.
        control = try Descriptor(opening: place.control, O_RDWR | O_NONBLOCK | O_NOFOLLOW)
        // Who is killed leaves others who it was.
        try place.noteLeader()
        try Watcher.begin(place.run)
        try begin()
        // The door waits for this word.
        try [10].withUnsafeBytes { try writeAll($0, to: 1, name: "the door") }
        let nothing = try Descriptor(opening: "/dev/null", O_RDWR)
        dup2(nothing.number, 0)
        dup2(nothing.number, 1)
    }

    /// Who looks whether we live holds it for a moment.
    private static func lock(_ place: WorkPlace) throws -> Lock {
        let deadline = monotonicSeconds() + 5
        while monotonicSeconds() < deadline {
            if let lock = try Lock.attempt(place.lock, .exclusive, creating: true) { return lock }
            _ = poll(nil, 0, 50)
            try Interruption.check()
        }
        throw WorkerFault.begunBefore(place.run)
    }

    deinit { for program in programs { close(program.handle) } }

    /// The job on our standard input is what the first of them reads.
    private func begin() throws {
        let words = [
            ["smelt-provision"], ["smelt-exec"], ["smelt-queue", "work", "--keep", "\(place.run)"],
            ["smelt-provision", "release"],
        ]
        let records = try Descriptor(opening: place.records, O_WRONLY | O_APPEND | O_NOFOLLOW)
        var input = dup(0)
        for (index, words) in words.enumerated() {
            let isLast = index == 3
            let ends =
                isLast ? (reading: Int32(-1), writing: dup(records.number)) : try Descriptor.pipe()
            var command = Command(words)
            command.directory = "/"
            let process = try command.spawn(input: input, output: ends.writing, errors: 2)
            close(input)
            close(ends.writing)
            input = ends.reading
            programs.append(Program(process: process, handle: system_process_handle(process)))
        }
    }

    // MARK: The loop

    private func untilOver() throws -> Exit {
        while true {
            try wait()
            takeWords()
            // This machine wants its end, and nobody there.
            if Interruption.signals > 0, !isOver { abandon(here: true) }
            reap()
            if !isOver, programs.allSatisfy(\.hasEnded) { try finish() }
            let now = monotonicSeconds()
            if facts.onDisconnect == .end, now > heard + facts.graceSeconds { abandon() }
            if isAbandoned, !isOver, steps == 0 { step() }
            if let time = nextStep, now >= time, !isOver { step() }
            guard isOver else { continue }
            if isAbandoned {
                try place.remove(rescuing: true)
                return .done
            }
            // It lies there until somebody comes.
            if facts.onDisconnect == .finish { return .done }
        }
    }

    private func wait() throws {
        var waiting = [control.number, Interruption.descriptor]
            .map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
        waiting += programs.filter { !$0.hasEnded }
            .map { pollfd(fd: $0.handle, events: Int16(POLLIN), revents: 0) }
        var times = [isOver ? nil : nextStep].compactMap { $0 }
        if facts.onDisconnect == .end, !isAbandoned { times.append(heard + facts.graceSeconds) }
        let left = times.min().map { max(0, ($0 - monotonicSeconds()) * 1000 + 1) }
        _ = poll(&waiting, nfds_t(waiting.count), left.map { Int32(min($0, 1e9)) } ?? -1)
        Interruption.drain()
    }

    private func takeWords() {
        var bytes = [UInt8](repeating: 0, count: 512)
        while true {
            let count = retrying { read(control.number, &bytes, bytes.count) }
            guard count > 0 else { return }
            for byte in bytes[..<count] {
                switch WorkPlace.Word(rawValue: byte) {
                case .pulse: heard = monotonicSeconds()
                case .cancel: if steps == 0 { step() }
                case .kill: steps = max(steps, 1); step()
                case .abandon: abandon()
                case .done: if isOver { exit(0) }
                case nil: break
                }
            }
        }
    }

    private func reap() {
        for (index, program) in programs.enumerated() where !program.hasEnded {
            var status: Int32 = 0
            if waitpid(program.process, &status, WNOHANG) == program.process {
                programs[index].hasEnded = true
            }
        }
    }

    /// All that the run says is in its file.
    private func finish() throws {
        let records = try Descriptor(opening: place.records, O_RDONLY | O_NOFOLLOW)
        try records.sync(name: place.records)
        try Files.replace(place.ended, with: [])
        isOver = true
    }

    // MARK: Ending it

    /// The other side must not take what follows for an end that it asked for: this is known first.
    private func abandon(here: Bool = false) {
        guard !isAbandoned else { return }
        isAbandoned = true
        place.markAbandoned(here: here)
    }

    /// First the run is asked to stop, then what its sessions need is killed, then the rest.
    private func step() {
        if isOver { return }
        steps += 1
        nextStep = monotonicSeconds() + Self.patience
        switch steps {
        case 1: if !askToStop() { askAgain() }
        case 2: for program in programs.prefix(2) { end(program) }
        default: for program in programs { end(program) }
        }
    }

    /// There may be nobody yet who can be asked, or nobody any more.
    private func askAgain() {
        let now = monotonicSeconds()
        let since = askingSince ?? now
        askingSince = since
        if now - since >= Self.patience || programs.prefix(2).allSatisfy(\.hasEnded) {
            return step()
        }
        (steps, nextStep) = (0, now + 0.2)
    }

    private func end(_ program: Program) {
        if !program.hasEnded { _ = system_process_signal(program.handle, SIGKILL) }
    }

    /// False while no stage of the run has said yet that it is there.
    private func askToStop() -> Bool {
        var command = Command("smelt-runs", "stop", "\(place.run)")
        command.timeout = 20
        command.cancellable = false
        guard let finished = try? command.run() else { return true }
        return finished.succeeded
    }
}

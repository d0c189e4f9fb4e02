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
    private var isOver = false
    private var isAbandoned = false

    /// A program of the pipeline.
    private struct Program {
        let process: Int32
        let handle: Int32
        var hasEnded = false
    }

    /// Seconds from asking the run to stop until its sessions are killed, and until the rest is.
    private static let patience = 30.0

    package static func run(_ id: String) throws -> Exit {
        guard let run = RunID(id) else { throw Usage("'\(Visible.line(id))' is no run id") }
        Interruption.install()
        let state = try Places.state()
        return try Supervisor(WorkPlace(run: run, state: state)).untilOver()
    }

    private init(_ place: WorkPlace) throws {
        self.place = place
        facts = try place.readFacts()
        lock = try Lock(place.lock, .exclusive, creating: true)
        // Both ways, so that there is always a reader and never an end.
        control = try Descriptor(opening: place.control, O_RDWR | O_NONBLOCK | O_NOFOLLOW)
        try begin()
        // The door waits for this word.
        try [10].withUnsafeBytes { try writeAll($0, to: 1, name: "the door") }
        let nothing = try Descriptor(opening: "/dev/null", O_RDWR)
        dup2(nothing.number, 0)
        dup2(nothing.number, 1)
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
            if Interruption.signals > 0, steps == 0 { step() }
            reap()
            if !isOver, programs.allSatisfy(\.hasEnded) { try finish() }
            let now = monotonicSeconds()
            if facts.onDisconnect == .end, now > heard + facts.graceSeconds { isAbandoned = true }
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
                case .abandon: isAbandoned = true
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

    /// First the run is asked to stop, then what its sessions need is killed, then the rest.
    private func step() {
        if isOver { return }
        steps += 1
        nextStep = monotonicSeconds() + Self.patience
        switch steps {
        case 1: if !askToStop() { (steps, nextStep) = (0, monotonicSeconds() + 0.2) }
        case 2: for program in programs.prefix(2) { end(program) }
        default: for program in programs { end(program) }
        }
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

internal import Glibc
internal import Records
internal import Smelt

/// One line, from its greeting to its end.
extension Carried {
    /// A refusal of a run that has been begun says what became of it.
    private func accept(_ answer: Frame) throws {
        do { try Self.check(answer, target) } catch WorkerFault.refused(_, "gone", _, _) {
            throw WorkerFault.lost(target.name, seconds: target.grace)
        } catch WorkerFault.refused(_, "ended_here", _, _) {
            throw WorkerFault.stopped(target.name)
        }
    }

    /// Until the run is over and all of it is here; that the line is not what it should be is a `LineFault`.
    func converse(_ line: SSHLine) throws {
        let frames = line.frames
        var greeting = Greeting(purpose: .run)
        greeting.run = run.description
        greeting.job = Environment.nonEmpty("SMELT_JOB")
        greeting.isBegun = isBegun
        (greeting.records, greeting.errors) = (intake.offset, errorsAt)
        greeting.onDisconnect = target.disconnect
        greeting.graceSeconds = target.grace
        greeting.pulseSeconds = pulse
        told = 0
        try frames.send(.hello, Wire.bytes(greeting))
        let answer = try hear(frames, within: target.connect + 20)
        try accept(answer)
        if try !Wire.read(Welcome.self, answer.payload).isThere {
            if let exit = unwanted { throw Cancelled(exit) }
            let welcome = try Wire.read(Welcome.self, answer.payload)
            wasSent = true
            try outgoing.send(over: frames, knowing: welcome.known, every: pulse) {
                frames.complaints?.take()
                // Before the last part has been sent nothing begins.
                if let exit = unwanted { throw Cancelled(exit) }
            }
        }
        // A large repository takes its time there.
        let begun = try hear(frames, within: 60)
        if begun.kind == .refusal {
            if let exit = unwanted { throw Cancelled(exit) }
            try accept(begun)
        }
        guard begun.kind == .begun else { throw LineFault.strange("\(begun.kind)") }
        isBegun = true
        wasSent = true
        if deadSince != nil {
            deadSince = nil
            say("smelt-queue: the line to the worker '\(Visible.line(target.name))' is back\n")
        }
        frames.patience = 3 * pulse
        told = 0
        try follow(frames)
    }

    /// The next frame that is more than a sign of life; any is one. A run that is not wanted any more is told so: it may be about
    /// to begin.
    private func hear(_ frames: FrameLine, within seconds: Double) throws -> Frame {
        let began = monotonicSeconds()
        var pulseAt = began + pulse
        var unwantedSince: Double?
        while true {
            while let frame = try frames.next() { if frame.kind != .pulse { return frame } }
            let now = monotonicSeconds()
            if let exit = unwanted {
                guard wasSent else { throw Cancelled(exit) }
                if unwantedSince == nil { try tell(frames) }
                unwantedSince = unwantedSince ?? now
            }
            if wasSent, now >= pulseAt {
                try frames.send(.pulse)
                pulseAt = now + pulse
            }
            let patience = unwantedSince.map { $0 + Self.brief } ?? .infinity
            let deadline = min(max(began, frames.heard) + seconds, patience)
            guard deadline > now else { throw LineFault.silent(seconds: seconds) }
            wait(frames, until: min(deadline, wasSent ? pulseAt : deadline))
        }
    }

    private var isFull: Bool { stage.output.isFull && !stage.output.isUnheard }

    /// Seconds that somebody has to answer whose run is not wanted any more.
    private static let brief = 10.0

    private func follow(_ frames: FrameLine) throws {
        // Since when the far side could have been heard.
        var since = monotonicSeconds()
        var pulseAt = since
        while true {
            try tell(frames)
            // As long as nobody takes what is here already, no more is fetched.
            while !isFull, let frame = try frames.next() {
                if try take(frame, frames) { return }
            }
            let now = monotonicSeconds()
            if isFull { since = now }
            let silentAt = max(since, frames.heard) + 3 * pulse
            guard now < silentAt else { throw LineFault.silent(seconds: 3 * pulse) }
            if now >= pulseAt {
                try frames.send(.pulse)
                pulseAt = now + pulse
            }
            wait(frames, until: min(pulseAt, silentAt), fetching: !isFull)
        }
    }

    /// A signal of ours, or that nobody reads any more, reaches the far side.
    private func tell(_ frames: FrameLine) throws {
        let signals = max(Interruption.signals, stage.output.isUnheard ? 1 : 0)
        if signals > 0 { intake.wasToldToStop = true }
        while told < min(signals, 2) {
            try frames.send(told == 0 ? .cancel : .kill)
            told += 1
        }
    }

    /// What its programs said, to a person only what is visible.
    private func complain(_ bytes: [UInt8]) {
        if isatty(2) == 1 { return say(Visible.block(String(decoding: bytes, as: UTF8.self))) }
        bytes.withUnsafeBytes { try? writeAll($0, to: 2, name: "standard error") }
    }

    /// True when it was the last.
    private func take(_ frame: Frame, _ frames: FrameLine) throws -> Bool {
        switch frame.kind {
        case .records: try intake.take(frame.payload)
        case .errors:
            errorsAt += frame.payload.count
            complain(frame.payload)
        case .pulse: break
        case .over:
            if try Wire.read(Over.self, frame.payload).isBroken || !intake.isAccounted {
                stage.fail(WorkerFault.broken(target.name))
            }
            arrival.beginAgain()
            try frames.send(.want)
        case .bundle: try arrival.begin(String(decoding: frame.payload, as: UTF8.self))
        case .piece: try arrival.add(frame.payload)
        case .all:
            try arrival.finish()
            try intake.release()
            hasAll = true
            try frames.send(.done)
        case .done: return true
        case .refusal:
            try accept(frame)
        default: throw LineFault.strange("\(frame.kind)")
        }
        return false
    }
}

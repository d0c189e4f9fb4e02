internal import Glibc
internal import Records
internal import Results
package import Smelt

/// The far end of one line, `smelt-queue work`: takes a job in, begins its supervisor, tells what the run writes, and hands its
/// bundles over. It ends with the line; the run does not.
package final class Door {
    let line: FrameLine
    let state: String
    var greeting = Greeting(purpose: .probe)
    /// When the other side is told next that somebody is here, in monotonic seconds.
    private var pulseAt = 0.0

    private init(_ state: String) {
        self.state = state
        line = FrameLine(input: 0, output: 1, patience: 60)
    }

    package static func open() throws -> Exit {
        Interruption.install()
        let door: Door
        do { door = Door(try Places.state()) } catch let fault as any Fault {
            // Whoever called cannot see this side's complaints as well.
            let line = FrameLine(input: 0, output: 1, patience: 60)
            try? line.send(.refusal, Wire.bytes(Refusal(fault)))
            return .done
        }
        do {
            try door.answer()
            return .done
        } catch is LineFault {
            return .done
        } catch let fault as any Fault {
            try? door.line.send(.refusal, Wire.bytes(Refusal(fault)))
            return fault.exit
        }
    }

    private func answer() throws {
        let first = try line.receive(within: 60)
        guard first.kind == .hello else { throw LineFault.strange("") }
        greeting = try Wire.read(Greeting.self, first.payload)
        guard greeting.number == Greeting.protocolNumber else {
            throw WorkerFault.otherProtocol(greeting.number)
        }
        guard greeting.purpose == .run else {
            return try line.send(.hello, Wire.bytes(Welcome()))
        }
        guard let run = greeting.run.flatMap({ RunID($0) }) else {
            throw WorkerFault.badJob("it has no run id")
        }
        try endFormer(besides: run)
        let place = WorkPlace(run: run, state: state)
        try meet(place)
        try line.send(.begun)
        // A pulse three times as late as it should be is none.
        line.patience = 3 * greeting.pulseSeconds
        try Telling(place, over: line, greeting).untilDone()
    }

    /// What is left of the job's former attempts ends first.
    private func endFormer(besides run: RunID) throws {
        let deadline = monotonicSeconds() + Self.longestEnd
        var living = try WorkPlace.sweep(state, job: greeting.job, besides: run)
        while !living.isEmpty {
            guard monotonicSeconds() < deadline else { throw WorkerFault.stillEnding }
            try look(for: Self.soon)
            for place in living { place.endStopped() }
            living.removeAll { !$0.isAlive && $0.endRest() }
            // Another time, for what they have left.
            if living.isEmpty {
                living = try WorkPlace.sweep(state, job: greeting.job, besides: run)
            }
        }
    }

    /// Seconds that the end of a run may take: three steps of its supervisor, and a salvage.
    static let longestEnd = 180.0
    /// Seconds between two looks at what nothing tells of.
    static let soon = 0.1

    /// Says whether the run is there, and begins it where it is not. One door does so at a time: one whose line was cut may be at
    /// it still, with all that it needs.
    private func meet(_ place: WorkPlace) throws {
        try Files.makeDirectories(WorkPlace.parent(state))
        while true {
            guard let begin = try Lock.attempt(place.begin, .exclusive, creating: true) else {
                try look(for: Self.soon)
                continue
            }
            var welcome = Welcome()
            welcome.isThere = place.isThere
            if welcome.isThere { try place.checkWanted() }
            if !welcome.isThere {
                // Begun once, and nothing of it is there: that is over.
                let wasBegun = greeting.isBegun || Files.size(place.begin) ?? 0 > 0
                guard !wasBegun else { throw WorkerFault.gone(place.run) }
                welcome.known = try Transfers(Repositories(state: state)).known()
            }
            try line.send(.hello, Wire.bytes(welcome))
            if !welcome.isThere { try self.begin(place, begin.number) }
            withExtendedLifetime(begin.number) {}
            return
        }
    }

    // MARK: While something takes its time

    /// Hears what the other side says for so many seconds, or until the descriptor is readable, and tells it now and then that
    /// somebody is here. A cancellation, or its end, is a fault.
    private func look(for seconds: Double, orUntil number: Int32 = -1) throws {
        let deadline = monotonicSeconds() + seconds
        if monotonicSeconds() >= pulseAt {
            try line.send(.pulse)
            pulseAt = monotonicSeconds() + greeting.pulseSeconds
        }
        var waiting = [
            pollfd(fd: line.input, events: Int16(POLLIN), revents: 0),
            pollfd(fd: number, events: Int16(POLLIN), revents: 0),
        ]
        let left = min(deadline, pulseAt) - monotonicSeconds()
        _ = poll(&waiting, 2, Int32(max(0, left) * 1000 + 1))
        if waiting[0].revents != 0 { try hear() }
        try Interruption.check()
    }

    /// Leaves the parts of a job, which come without being asked for, to whoever expects them.
    func hear() throws {
        line.fill()
        // What it sent is for nobody.
        guard !line.isAtEnd else { throw LineFault.ended }
        while let kind = line.nextKind, [.pulse, .cancel, .kill].contains(kind),
            let frame = try line.next()
        {
            guard frame.kind == .pulse else { throw Cancelled(.terminated) }
        }
    }

    func ending(of program: consuming Coprocess) throws -> Command.Ending {
        let handle = Handle(program.process)
        while handle.number >= 0, !handle.waits(until: 0) {
            try look(for: greeting.pulseSeconds, orUntil: handle.number)
        }
        return program.finish()
    }
}

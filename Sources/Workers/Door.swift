internal import Glibc
internal import Records
internal import Results
package import Smelt

/// The far end of one line, `smelt-queue work`: takes a job in, begins its supervisor, tells what the run writes, and hands its
/// bundles over. It ends with the line; the run does not.
package final class Door {
    private let line: FrameLine
    private let state: String
    private var greeting = Greeting(purpose: .probe)
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
            living.removeAll { !$0.isAlive }
            // Another time, for what they have left.
            if living.isEmpty {
                living = try WorkPlace.sweep(state, job: greeting.job, besides: run)
            }
        }
    }

    /// Seconds that the end of a run may take: three steps of its supervisor, and a salvage.
    private static let longestEnd = 180.0
    /// Seconds between two looks at what nothing tells of.
    private static let soon = 0.1

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
    private func hear() throws {
        line.fill()
        // What it sent is for nobody.
        guard !line.isAtEnd else { throw LineFault.ended }
        while let kind = line.nextKind, [.pulse, .cancel, .kill].contains(kind),
            let frame = try line.next()
        {
            guard frame.kind == .pulse else { throw Cancelled(.terminated) }
        }
    }

    private func ending(of program: consuming Coprocess) throws -> Command.Ending {
        let handle = Handle(program.process)
        while handle.number >= 0, !handle.waits(until: 0) {
            try look(for: greeting.pulseSeconds, orUntil: handle.number)
        }
        return program.finish()
    }

    // MARK: Taking a job in

    private func begin(_ place: WorkPlace, _ mark: Int32) throws {
        let transfers = try Transfers(Repositories(state: state))
        try takePack(transfers)
        let secrets = try expect(.secrets)
        let values = try Wire.read([String: String].self, secrets.payload)
        var specs: [Int: [UInt8]] = [:]
        var sent = try receive()
        while sent.kind == .spec, sent.payload.count >= 4 {
            let index = sent.payload[..<4].reduce(0) { $0 << 8 | Int($1) }
            specs[index, default: []] += sent.payload[4...]
            guard specs[index, default: []].count <= Outgoing.longestSpec else {
                throw WorkerFault.badJob("a task of it is too long")
            }
            sent = try receive()
        }
        guard sent.kind == .job else { throw WorkerFault.badJob("its parts are out of order") }
        var planned = try RecordJSON.decode(RunPlanned.self, from: sent.payload)
        let commit = planned.job.baseRef
        try keep(commit, transfers)
        planned.job.repository = transfers.repository
        planned.runsDirectory = "\(place.directory)/runs"
        for index in specs.keys where planned.job.sessions.indices.contains(index) {
            planned.job.sessions[index].specPath = place.spec(index)
        }
        let line = try RecordJSON.line(planned, run: place.run)
        // Nobody may be there any more who wants it.
        try hear()
        // Before the place is there: who finds neither may begin it.
        guard pwrite(mark, "\n", 1, 0) == 1 else {
            throw SystemFault(errno, "write", place.begin)
        }
        do {
            try place.make(
                WorkPlace.Facts(
                    job: greeting.job, onDisconnect: greeting.onDisconnect,
                    graceSeconds: greeting.graceSeconds), specs: specs)
            try supervise(place, line, values)
        } catch {
            try? place.remove(rescuing: true)
            ftruncate(mark, 0)
            throw error
        }
    }

    private func keep(_ commit: String, _ transfers: Transfers) throws {
        if ObjectName.isFull(commit) {
            if try transfers.has(commit) { return }
            if try ending(of: transfers.walk(commit)) == .exited(code: 0) {
                return try transfers.keep(commit)
            }
        }
        throw WorkerFault.badPack("the commit that the job starts from is not all there")
    }

    private func takePack(_ transfers: Transfers) throws {
        transfers.sweep()
        var frame = try expect(.pack)
        if frame.payload.isEmpty { return }
        let ends = try Descriptor.pipe()
        let reading = Descriptor(owning: ends.reading)
        let git = try transfers.index(from: reading.number)
        // Its copy of this end must be the only one, so that we see it end.
        _ = consume reading
        let writing = Descriptor(owning: ends.writing)
        while !frame.payload.isEmpty {
            try frame.payload.withUnsafeBytes { try writing.write($0, name: "git") }
            frame = try expect(.pack)
        }
        _ = consume writing
        guard try ending(of: git) == .exited(code: 0) else {
            throw WorkerFault.badPack("git index-pack refused it")
        }
    }

    private func expect(_ kind: Frame.Kind) throws -> Frame {
        let frame = try receive()
        guard frame.kind == kind else { throw WorkerFault.badJob("its parts are out of order") }
        return frame
    }

    /// The next part, however long that takes while the other side says that it lives.
    private func receive() throws -> Frame {
        while true {
            let frame = try line.receive(within: 60)
            switch frame.kind {
            case .pulse: continue
            case .cancel, .kill: throw Cancelled(.terminated)
            default: return frame
            }
        }
    }

    /// The secrets are in the memory of the supervisor and of what it starts, and nowhere else here.
    private func supervise(
        _ place: WorkPlace, _ planned: [UInt8], _ secrets: [String: String]
    ) throws {
        guard let own = Files.goal(ofLink: "/proc/self/exe") else {
            throw SystemFault(ENOENT, "find", "/proc/self/exe")
        }
        let path =
            "\(Files.parent(of: own)):"
            + (Environment.nonEmpty("PATH") ?? "/usr/local/bin:/usr/bin:/bin")
        var command = Command(own, "work", "\(place.run)")
        command.leadsSession = true
        command.directory = "/"
        command.environment =
            Environment.all.filter { entry in
                let name = String(entry.prefix { $0 != "=" })
                return name != "PATH" && secrets[name] == nil
            } + ["PATH=\(path)"]
            + secrets.filter { $0.key != "PATH" }.map { "\($0.key)=\($0.value)" }
        let input = try Descriptor(sealing: planned, name: "job")
        lseek(input.number, 0, SEEK_SET)
        let errors = try Descriptor(opening: place.errors, O_WRONLY | O_APPEND | O_NOFOLLOW)
        let ends = try Descriptor.pipe()
        let answer = Descriptor(owning: ends.reading)
        let writing = Descriptor(owning: ends.writing)
        let process = try command.spawn(
            input: input.number, output: writing.number, errors: errors.number)
        _ = consume writing
        // It says one word when the run goes on without us, or ends.
        let said = try answer.readAll(upTo: 64, name: "the supervisor")
        guard !said.isEmpty else {
            _ = Command.Ending(of: process)
            let why = try? Files.readText(place.errors, upTo: 1 << 16)
            let last = why?.split(separator: "\n").last.map(String.init)
            throw WorkerFault.notBegun(Visible.line(last ?? "its supervisor ended"))
        }
    }
}

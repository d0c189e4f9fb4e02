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
        try WorkPlace.sweep(state, job: greeting.job, besides: run)
        let place = WorkPlace(run: run, state: state)
        var welcome = Welcome()
        welcome.isThere = place.isThere
        if !welcome.isThere {
            guard !greeting.isBegun else { throw WorkerFault.gone(run) }
            welcome.known = try Transfers(Repositories(state: state)).known()
        }
        try line.send(.hello, Wire.bytes(welcome))
        if !welcome.isThere { try begin(place) }
        try line.send(.begun)
        // A pulse three times as late as it should be is none.
        line.patience = 3 * greeting.pulseSeconds
        try Telling(place, over: line, greeting).untilDone()
    }

    // MARK: Taking a job in

    private func begin(_ place: WorkPlace) throws {
        let transfers = try Transfers(Repositories(state: state))
        try takePack(transfers)
        let secrets = try expect(.secrets)
        let values = try Wire.read([String: String].self, secrets.payload)
        let sent = try expect(.job)
        var planned = try RecordJSON.decode(RunPlanned.self, from: sent.payload)
        let commit = planned.job.baseRef
        guard ObjectName.isFull(commit), try transfers.keep(commit) else {
            throw WorkerFault.badPack("the commit that the job starts from is not all there")
        }
        planned.job.repository = transfers.repository
        planned.runsDirectory = "\(place.directory)/runs"
        let line = try RecordJSON.line(planned, run: place.run)
        try place.make(
            WorkPlace.Facts(
                job: greeting.job, onDisconnect: greeting.onDisconnect,
                graceSeconds: greeting.graceSeconds))
        do { try supervise(place, line, values) } catch {
            try? place.remove(rescuing: true)
            throw error
        }
    }

    private func takePack(_ transfers: Transfers) throws {
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
        guard git.finish() == .exited(code: 0) else {
            throw WorkerFault.badPack("git index-pack refused it")
        }
    }

    private func expect(_ kind: Frame.Kind) throws -> Frame {
        let frame = try line.receive(within: 120)
        guard frame.kind == kind else { throw WorkerFault.badJob("its parts are out of order") }
        return frame
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

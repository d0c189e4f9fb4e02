internal import Glibc
internal import Records
internal import Results
internal import Smelt

/// Taking a job in.
extension Door {
    func begin(_ place: WorkPlace, _ mark: Int32) throws {
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
            // Its supervisor may have begun something, and been killed before it could say so.
            _ = place.endRest(atOnce: true)
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
        // What it begins is known by the run's id when it is gone itself.
        let variables = secrets.merging(["PATH": path, "SMELT_RUN": "\(place.run)"]) { $1 }
        command.environment = Environment.all(
            with: variables.map { "\($0.key)=\($0.value)" })
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

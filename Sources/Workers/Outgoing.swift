internal import Glibc
internal import Records
internal import Results
internal import Smelt

/// A job as it is sent: with the commit in the place of the repository, and apart from it the values of the variables that its
/// sessions need there. The forge's token stays here, where the result is delivered.
struct Outgoing {
    let base: Imports.Base
    let repositories: Repositories
    let line: [UInt8]
    let secrets: [String: String]
    /// The tasks that were too long for a record, by their sessions' places in the plan.
    let specs: [(index: Int, text: [UInt8])]

    /// Bytes.
    static let longestSpec = 16 << 20

    init(_ planned: RunPlanned, run: RunID, state: String) throws {
        repositories = Repositories(state: state)
        let agent = try planned.job.kubernetes?.sshKeyEnv.map {
            try KeyAgent(key: Secret.value(of: $0), in: Places.runtime())
        }
        base = try Imports(repositories, agent: agent)
            .bring(repository: planned.job.repository, ref: planned.job.baseRef)
        var sent = planned
        var values: [String: String] = [:]
        for name in planned.job.credentials?.variables.sorted() ?? [] {
            values[name] = try Secret.value(of: name)
        }
        var brokers = planned.job.network.broker ?? []
        for index in brokers.indices {
            if let path = brokers[index].secretFile {
                // A file is this machine's; there its text is a variable.
                let variable = "SMELT_BROKER_\(index + 1)"
                let text = try Files.readText(path, upTo: 65_536)
                values[variable] = String(text.prefix { $0 != "\n" && $0 != "\r\n" })
                (brokers[index].secretFile, brokers[index].secretEnv) = (nil, variable)
            } else if let name = brokers[index].secretEnv {
                values[name] = try Secret.value(of: name)
            }
        }
        if !brokers.isEmpty { sent.job.network.broker = brokers }
        sent.job.repository = ""
        sent.job.baseRef = base.commit
        sent.job.forge = nil
        sent.job.kubernetes?.sshKeyEnv = nil
        specs = try Self.takeSpecs(from: &sent.job)
        secrets = values
        line = try RecordJSON.line(sent, run: run)
    }

    /// A file of this machine's is not there: its text is sent.
    private static func takeSpecs(from job: inout Job) throws -> [(index: Int, text: [UInt8])] {
        var specs: [(index: Int, text: [UInt8])] = []
        for index in job.sessions.indices {
            guard let path = job.sessions[index].specPath else { continue }
            let text = try Files.read(path, upTo: longestSpec)
            guard SHA256.digest(text) == job.sessions[index].specSha256 else {
                throw WorkerFault.taskChanged(path: path)
            }
            job.sessions[index].specPath = nil
            specs.append((index, text))
        }
        return specs
    }

    /// What is not in the commit, and so is not sent.
    func warning(_ job: Job) throws -> String? {
        guard let directory = base.gitDirectory else { return nil }
        return try DirtyTree(job.repository, gitDirectory: directory).warning()
    }

    /// Sends all of it. `every` so many seconds the far side hears that somebody is here, for git may take its time before it
    /// writes anything; `listen` is called in between, and may throw.
    func send(
        over frames: FrameLine, knowing known: [String], every pulse: Double,
        listen: () throws -> Void
    ) throws {
        if !known.contains(base.commit) {
            try sendPack(over: frames, knowing: known, every: pulse, listen: listen)
        }
        try frames.send(.pack)
        try frames.send(.secrets, Wire.bytes(secrets))
        for (index, text) in specs {
            let place = [24, 16, 8, 0].map { UInt8(index >> $0 & 0xff) }
            for start in stride(from: 0, to: max(1, text.count), by: Frame.piece) {
                try frames.send(.spec, place + text[start..<min(text.count, start + Frame.piece)])
                try listen()
            }
        }
        try frames.send(.job, line)
    }

    private func sendPack(
        over frames: FrameLine, knowing known: [String], every pulse: Double,
        listen: () throws -> Void
    ) throws {
        let transfers = try Transfers(repositories)
        let ends = try Descriptor.pipe()
        let reading = Descriptor(owning: ends.reading)
        let writing = Descriptor(owning: ends.writing)
        let git = try transfers.pack(base.commit, without: known, to: writing.number)
        _ = consume writing
        var chunk = [UInt8](repeating: 0, count: Frame.piece)
        while true {
            var waiting = [
                pollfd(fd: reading.number, events: Int16(POLLIN), revents: 0),
                pollfd(fd: Interruption.descriptor, events: Int16(POLLIN), revents: 0),
            ]
            if poll(&waiting, 2, Int32(pulse * 1000)) == 0 { try frames.send(.pulse) }
            try listen()
            if waiting[0].revents == 0 { continue }
            let count = retrying { read(reading.number, &chunk, chunk.count) }
            guard count >= 0 else { throw SystemFault(errno, "read", "git pack-objects") }
            if count == 0 { break }
            try frames.send(.pack, chunk[..<count])
        }
        guard git.finish() == .exited(code: 0) else {
            throw SystemFault(EIO, "pack", base.commit)
        }
    }
}

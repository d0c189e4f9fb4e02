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
        secrets = values
        line = try RecordJSON.line(sent, run: run)
    }

    /// What is not in the commit, and so is not sent.
    func warning(_ job: Job) throws -> String? {
        guard let directory = base.gitDirectory else { return nil }
        return try DirtyTree(job.repository, gitDirectory: directory).warning()
    }

    func send(over frames: FrameLine, knowing known: [String]) throws {
        if !known.contains(base.commit) {
            let transfers = try Transfers(repositories)
            let ends = try Descriptor.pipe()
            let reading = Descriptor(owning: ends.reading)
            let writing = Descriptor(owning: ends.writing)
            let git = try transfers.pack(base.commit, without: known, to: writing.number)
            _ = consume writing
            var chunk = [UInt8](repeating: 0, count: Frame.piece)
            while true {
                let count = retrying { read(reading.number, &chunk, chunk.count) }
                guard count >= 0 else { throw SystemFault(errno, "read", "git pack-objects") }
                if count == 0 { break }
                try frames.send(.pack, chunk[..<count])
                try Interruption.check()
            }
            guard git.finish() == .exited(code: 0) else {
                throw SystemFault(EIO, "pack", base.commit)
            }
        }
        try frames.send(.pack)
        try frames.send(.secrets, Wire.bytes(secrets))
        try frames.send(.job, line)
    }
}

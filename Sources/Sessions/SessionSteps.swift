internal import Glibc
internal import Records
internal import Runtimes
internal import Sandbox
internal import Smelt

/// How a session's programs are started: what becomes of their outputs, and how long they have.
extension SessionRun {
    /// How a step's outputs are used.
    enum Work {
        /// Into records, nothing on standard input.
        case shell(Plan)
        case sandbox(Plan, input: String?)
        /// First line for us, the rest into a file; complaints kept.
        case captured(Plan, restInto: String)
        /// Only its status and the last complaint count.
        case quiet(Plan)
        case helper(Command, request: String)
        /// A container is made.
        case entering(InsideConnection)
    }

    func run(_ phase: Phase, _ work: Work, now: Double) throws {
        self.phase = phase
        let limit = session.timeoutSeconds
        lastSign = now
        switch work {
        case .shell(let plan):
            step = try streaming(plan, input: nil)
        case .sandbox(let plan, let input):
            step = try streaming(plan, input: input)
        case .entering(let connection):
            step = .entering(connection, check: crew.check)
        case .captured(let plan, let path):
            step = try capturing(plan, restInto: path)
        case .quiet(let plan):
            step = try capturing(plan, restInto: nil)
        case .helper(let command, let request):
            let input = try Descriptor(opening: request, O_RDONLY)
            step = try Step.helper(command, input: input.number) { step, output, errors in
                step.captures = [
                    try Capture(output, restInto: nil, limit: .max),
                    try Capture(errors, restInto: nil, limit: .max),
                ]
            }
        }
        // Setting up and working leave the gate a tenth of the session's time.
        step?.deadline =
            phase.isGate
            ? max(begun + limit, gateBegun + limit / 10)
            : begun + (hasGate ? limit * 0.9 : limit)
    }

    private func capturing(_ plan: Plan, restInto path: String?) throws -> Step {
        let limit = path == nil ? Int.max : Arrival.largest
        guard let connection else {
            return try Step.sandboxed(plan, input: crew.null) { step, output, errors in
                step.captures = [
                    try Capture(output, restInto: path, limit: limit),
                    try Capture(errors, restInto: nil, limit: .max),
                ]
            }
        }
        let step = try Step.inside(
            plan, input: "", over: connection, door: door, carries: crew.carries, watcher)
        step.captures = [
            try Capture(restInto: path, limit: limit), try Capture(restInto: nil, limit: .max),
        ]
        return step
    }

    private func streaming(_ plan: Plan, input path: String?) throws -> Step {
        if let connection {
            let line = OutputLine(run: crew.run, session: session.name, attempt: attempt)
            streams = [Output.Stream.stdout, .stderr].map {
                OutputStream(-1, $0, line: line, patterns: crew.patterns, offset: offsets[$0] ?? 0)
            }
            return try Step.inside(
                plan, input: path ?? "", over: connection, door: door, carries: crew.carries,
                watcher)
        }
        let input = try path.map { try Descriptor(opening: $0, O_RDONLY).release() } ?? crew.null
        defer { if path != nil { close(input) } }
        let line = OutputLine(run: crew.run, session: session.name, attempt: attempt)
        return try Step.sandboxed(plan, input: input) { step, output, errors in
            streams = [(output, Output.Stream.stdout), (errors, .stderr)].map {
                OutputStream(
                    $0.0, $0.1, line: line, patterns: crew.patterns, offset: offsets[$0.1] ?? 0)
            }
        }
    }

    private var door: String { (gatePlace ?? place)?.door ?? "" }

    /// To the place in which the steps of this phase run; nil in a sandbox.
    var connection: InsideConnection? {
        phase.isGate ? gatePlace?.connection : place?.connection
    }

    /// What has come from the place: outputs into records or captures, and how the step ended.
    func hear(now: Double) throws {
        guard let connection, let step else { return }
        let answers = try connection.answers()
        var count = 0
        for answer in answers {
            switch answer {
            case .output(let bytes) where step.captures.isEmpty:
                count += bytes.count
                try relay(bytes, .stdout, now: now)
            case .errors(let bytes) where step.captures.isEmpty:
                count += bytes.count
                try relay(bytes, .stderr, now: now)
            default:
                try step.take(answer)
                if step.captures.contains(where: { $0.isTooLong }) { step.kill() }
            }
        }
        if !connection.isOpen {
            step.lose(
                connection.reason,
                outOfMemory: crew.tellsLosses
                    && connection.end == .exited(code: EntryRequest.outOfMemory))
        }
        // Byte by byte would be a record each; see `OutputStream`.
        if count > 0, count < 16_384 { hearsFrom = now + 0.003 }
        try endStreams()
    }

    /// What comes over a connection has no end of its own: it ends with the program.
    func endStreams() throws {
        guard connection != nil, step?.ending != nil else { return }
        for stream in streams {
            try stream.finish(to: crew.output)
            offsets[stream.kind] = stream.end
        }
        streams = []
    }
}

internal import Glibc
internal import Records
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
        case .captured(let plan, let path):
            step = try Step.sandboxed(plan, input: crew.null) { step, output, errors in
                step.captures = [
                    try Capture(output, restInto: path, limit: Arrival.largest),
                    try Capture(errors, restInto: nil, limit: .max),
                ]
            }
        case .quiet(let plan):
            step = try Step.sandboxed(plan, input: crew.null) { step, output, errors in
                step.captures = [
                    try Capture(output, restInto: nil, limit: .max),
                    try Capture(errors, restInto: nil, limit: .max),
                ]
            }
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
        let isGate = phase == .arriving || phase == .gateSettingUp || phase == .gating
        step?.deadline =
            isGate
            ? max(begun + limit, gateBegun + limit / 10)
            : begun + (hasGate ? limit * 0.9 : limit)
    }

    private func streaming(_ plan: Plan, input path: String?) throws -> Step {
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
}

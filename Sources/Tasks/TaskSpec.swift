/// A piece of supervised work, as Solti's agents take it: what to run, for how long, and what happens when it ends.
package struct TaskSpec: Equatable, Sendable {
    /// The lane that the task belongs to, and its name in records: 1 to 64 of `[A-Za-z0-9._-]`.
    package var slot: String
    package var work: Subprocess
    /// Of each attempt, greater than 0.
    package var timeoutSeconds: Double
    package var restart: Restart
    package var backOff: BackOff
    package var admission: Admission
    package var labels: [String: String]
    /// Which runners may take it; nil means any.
    package var selector: RunnerSelector?
    /// Attempts after a failure, counted since the last success, at least 1; nil is no bound.
    package var maxRetries: UInt64?

    package init(
        slot: String, work: Subprocess, timeoutSeconds: Double, restart: Restart = .never,
        backOff: BackOff = BackOff(), admission: Admission = .dropIfRunning,
        labels: [String: String] = [:], selector: RunnerSelector? = nil, maxRetries: UInt64? = nil
    ) {
        self.slot = slot
        self.work = work
        self.timeoutSeconds = timeoutSeconds
        self.restart = restart
        self.backOff = backOff
        self.admission = admission
        self.labels = labels
        self.selector = selector
        self.maxRetries = maxRetries
    }

    /// What follows the end of an attempt.
    package enum Restart: Equatable, Sendable {
        case never, onFailure
        /// With a pause after each success; 0 is none.
        case always(everySeconds: Double)
    }

    /// What happens to it while another task of its slot runs.
    package enum Admission: Equatable, Sendable {
        case dropIfRunning, replace, queue
    }
}

/// A program and what it gets.
package struct Subprocess: Equatable, Sendable {
    package enum Mode: Equatable, Sendable {
        case command(String, arguments: [String])
        /// `body` is UTF-8, not empty, at most `mostScriptBytes`.
        case script(Interpreter, body: [UInt8], arguments: [String])
    }

    package enum Interpreter: Equatable, Sendable {
        case bash, python, node
        case custom(String)

        /// As it is looked for in `PATH`.
        package var program: String {
            switch self {
            case .bash: "bash"
            case .python: "python3"
            case .node: "node"
            case .custom(let program): program
            }
        }
    }

    package var mode: Mode
    /// The last of several of a name has been taken.
    package var environment: [String: String]
    /// Where it starts, absolute or relative to where it would start without.
    package var directory: String?
    /// Whether an exit status other than 0, or a signal, makes the attempt a failure.
    package var failsOnNonZero: Bool

    package init(
        mode: Mode, environment: [String: String] = [:], directory: String? = nil,
        failsOnNonZero: Bool = true
    ) {
        self.mode = mode
        self.environment = environment
        self.directory = directory
        self.failsOnNonZero = failsOnNonZero
    }

    /// Of a script, decoded; Solti's bound.
    package static let mostScriptBytes = 2 << 20
}

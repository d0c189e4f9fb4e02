package import Smelt

/// Why a file gives no task that can run here.
package enum TaskFault: Fault, Equatable {
    /// Everything that is wrong, each as `FILE:LINE:COLUMN: sentence`, in the order of the file; at least one.
    case invalid(file: String, problems: [String])
    /// A kind of work that there is no runner for.
    case noRunner(kind: String)
    case notSelected(runner: String)

    package var exit: Exit {
        switch self {
        case .invalid: .invalid
        case .noRunner, .notSelected: .unavailable
        }
    }

    package var code: String {
        switch self {
        case .invalid: "bad_task"
        case .noRunner, .notSelected: "no_runner"
        }
    }

    package var description: String {
        switch self {
        case .invalid(_, let problems):
            "could not use the task: \(problems.first ?? "")"
                + (problems.count > 1 ? " (and \(problems.count - 1) more)" : "")
        case .noRunner(let kind): "could not run a task of the kind '\(kind)'"
        case .notSelected(let runner):
            "could not run the task here: its runnerSelector does not match the label 'runner-name=\(runner)'"
        }
    }

    package var hint: String? {
        switch self {
        case .noRunner: "only 'subprocess' runs in a sandbox of this host"
        default: nil
        }
    }
}

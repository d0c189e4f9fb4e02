internal import Glibc
internal import Smelt

extension Step {
    /// How a program of a session's ended.
    enum Ending: Equatable {
        case exited(code: Int32)
        case killed(signal: Int32)
        /// At its own limit, or at another.
        case outOfMemory(atLimit: Bool)
    }
}

extension Step.Ending {
    init(_ ending: Command.Ending) {
        switch ending {
        case .exited(let code): self = .exited(code: code)
        case .killed(let signal): self = .killed(signal: signal)
        }
    }

    /// As a shell counts.
    var status: Int32 {
        switch self {
        case .exited(let code): code
        case .killed(let signal): 128 + signal
        case .outOfMemory: 128 + SIGKILL
        }
    }

    var sentence: String {
        switch self {
        case .exited(let code): "ended with status \(code)"
        case .killed(let signal): "was killed by signal \(signal)"
        case .outOfMemory(true): "needed more than limits.memory"
        case .outOfMemory(false): "was killed because the host had no more memory for it"
        }
    }
}

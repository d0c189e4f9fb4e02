package import Records
package import Smelt

/// What a session runs: the argument vector and what it reads.
package struct AgentCommand: Equatable, Sendable {
    package let arguments: [String]
    /// Whether the task comes on standard input.
    package let readsTask: Bool

    /// Where the task lies inside, for every session.
    package static let specFile = "/run/smelt/spec"

    /// Longest single argument that Linux passes to a program (`MAX_ARG_STRLEN`, execve(2)).
    package static let longestArgument = 131_071

    /// The agent's command with the task in its place; without an agent the harness is the work.
    package init(_ agent: Agent?, session: Session, task: String) throws(SessionFault) {
        guard let agent else {
            arguments = ["/bin/sh", "-c", session.harness]
            readsTask = false
            return
        }
        var words = agent.command.map { $0.replacing("{spec_file}", with: Self.specFile) }
        if agent.prompt == .argument {
            guard task.utf8.count <= Self.longestArgument else {
                throw .taskTooLong(session: session.name, bytes: task.utf8.count)
            }
            if words.contains(where: { $0.contains("{prompt}") }) {
                words = words.map { $0.replacing("{prompt}", with: task) }
            } else {
                words.append(task)
            }
        }
        arguments = words
        readsTask = agent.prompt == .stdin
    }
}

/// Why a session, or the run, cannot go on.
package enum SessionFault: Fault {
    case taskTooLong(session: String, bytes: Int)
    case taskChanged(path: String)
    case environmentGone(directory: String)
    case wrongRuntime(String)
    case notSalvaged(session: String, reason: String)
    case notPrepared(session: String, reason: String)
    case notCopied(source: String, reason: String)
    case conflicting(session: String, files: [String])
    case containerLost(session: String, reason: String)
    case notWatched(session: String, reason: String)

    package var exit: Exit {
        switch self {
        case .taskTooLong, .taskChanged: .invalid
        case .environmentGone, .notCopied: .missing
        case .wrongRuntime: .unavailable
        case .conflicting: .no
        case .notSalvaged, .notPrepared, .containerLost, .notWatched: .io
        }
    }

    package var code: String {
        switch self {
        case .taskTooLong: "task_too_long"
        case .taskChanged: "task_changed"
        case .environmentGone: "environment_gone"
        case .wrongRuntime: "wrong_runtime"
        case .notSalvaged: "not_salvaged"
        case .notPrepared: "not_prepared"
        case .notCopied: "not_copied"
        case .conflicting: "conflict"
        case .containerLost: "container_lost"
        case .notWatched: "not_watched"
        }
    }

    package var description: String {
        switch self {
        case .taskTooLong(let session, let bytes):
            "the task of session '\(session)' has \(bytes) bytes, too many for one argument"
        case .taskChanged(let path): "'\(path)' is no longer the task that was planned"
        case .environmentGone(let directory): "the environment '\(directory)' is not there any more"
        case .wrongRuntime(let name): "this smelt-exec has no runtime '\(name)'"
        case .notSalvaged(let session, let reason):
            "could not read the work of session '\(session)': \(reason)"
        case .notPrepared(let session, let reason):
            "could not prepare the start of session '\(session)': \(reason)"
        case .notCopied(let source, let reason): "could not copy '\(source)': \(reason)"
        case .containerLost(let session, let reason):
            "lost the container of session '\(session)': \(reason)"
        case .notWatched(let session, let reason):
            "could not watch what session '\(session)' writes to disk: \(reason)"
        case .conflicting(let session, let files):
            "the work of session '\(session)' conflicts in "
                + files.prefix(5).map { "'\($0)'" }.joined(separator: ", ")
        }
    }

    package var hint: String? {
        switch self {
        case .taskTooLong: "set prompt = \"stdin\" or \"file\" for its agent"
        case .taskChanged: "plan the run again"
        case .environmentGone: "provision again"
        default: nil
        }
    }
}

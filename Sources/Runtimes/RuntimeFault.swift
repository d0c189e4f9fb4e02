package import Sandbox
package import Smelt

/// What can go wrong with an environment.
package enum RuntimeFault: Fault, Equatable {
    /// Asked for, and not to be had on this host, by the names of the manifest; what is lacking for those that need a
    /// control group.
    case unenforceable([String], CgroupLack?)
    case noEnvironment(String)
    case badFacts(String)
    case inUse(String)
    /// The same run has an environment already, from another commit.
    case otherCommit(directory: String, commit: String)
    case noFreeUser(first: UInt32, last: UInt32)
    case noFreeProject(first: UInt32, last: UInt32)
    /// Whose file system keeps no attributes of users.
    case noAttributes(String)
    case notInside(command: String, reason: String)
    case notCopied(String, reason: String)
    case notSaved(session: String, directory: String, reason: String)
    /// What answers in a container is not smelt-inside.
    case badAnswer

    package var exit: Exit {
        switch self {
        case .unenforceable, .noAttributes: .unavailable
        case .noEnvironment: .missing
        case .badFacts, .otherCommit: .invalid
        case .noFreeUser, .noFreeProject, .inUse: .later
        case .notInside, .notSaved, .notCopied, .badAnswer: .io
        }
    }

    package var code: String {
        switch self {
        case .unenforceable: "not_enforceable"
        case .noEnvironment: "no_environment"
        case .badFacts, .otherCommit: "bad_environment"
        case .noFreeUser: "host_user"
        case .noFreeProject: "disk_quota"
        case .noAttributes: "no_attributes"
        case .inUse: "in_use"
        case .notInside: "inside"
        case .notCopied: "not_copied"
        case .notSaved: "not_rescued"
        case .badAnswer: "bad_answer"
        }
    }

    package var description: String {
        switch self {
        case .unenforceable(let names, let lack):
            "could not enforce \(names.map { "'\($0)'" }.joined(separator: ", ")) on this host"
                + (lack.map { ": \($0.reason)" } ?? "")
        case .noEnvironment(let directory):
            "could not find the environment '\(directory)': it was released or cleared away"
        case .badFacts(let path): "could not read '\(path)': it is not what smelt writes there"
        case .otherCommit(let directory, let commit):
            "could not use '\(directory)': it was prepared for the same run from commit '\(commit)'"
        case .inUse(let id): "could not remove the environment '\(id)': somebody uses it"
        case .noFreeUser(let first, let last):
            "could not find a free user for the environment: each of '\(first)-\(last)' has one"
        case .noFreeProject(let first, let last):
            "could not find a free project for the quota of a workspace: each of '\(first)-\(last)' has files"
        case .noAttributes(let directory):
            "could not make workspaces in '\(directory)': its file system keeps no attributes 'user.*', without which a session can remove no directory of its checkout"
        case .notInside(let command, let reason): "could not run '\(command)' inside: \(reason)"
        case .notCopied(let directory, let reason):
            "could not copy the checkout to '\(directory)': \(reason)"
        case .badAnswer:
            "could not understand what answers in the container: it is not this smelt's smelt-inside"
        case .notSaved(let session, let directory, let reason):
            "could not rescue session '\(session)': \(reason); it stays in '\(directory)'"
        }
    }

    package var hint: String? {
        switch self {
        case .unenforceable(_, let lack):
            (lack.map { "\($0.remedy), or " } ?? "")
                + "leave it out, or go on without it with --best-effort"
        case .noAttributes:
            "let SMELT_STATE_DIR name a directory on a disk, or use Linux 6.6 or later, whose tmpfs keeps them"
        case .noFreeProject: "run 'smelt-provision gc'"
        case .noFreeUser: "run 'smelt-provision gc', or name a wider range in SMELT_UIDS"
        default: nil
        }
    }
}

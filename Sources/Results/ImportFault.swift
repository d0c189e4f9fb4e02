package import Smelt

/// Why the commit that a job starts from could not be brought in.
package enum ImportFault: Fault, Equatable {
    case noPath(String)
    case notRepository(String)
    case foreign(String)
    case empty(String)
    case noRef(String, repository: String, near: [String])
    case shallow(String)
    case objectFormat(String)
    case badName(String)
    case badCommit(String)
    case notFetched(String, reason: String)

    package var exit: Exit {
        switch self {
        case .noPath, .notRepository, .empty, .noRef, .shallow: .missing
        case .foreign: .refused
        case .objectFormat, .notFetched: .unavailable
        case .badName, .badCommit: .invalid
        }
    }

    package var code: String {
        switch self {
        case .noPath: "no_repository"
        case .notRepository: "not_a_repository"
        case .foreign: "foreign_repository"
        case .empty: "empty_repository"
        case .noRef: "no_base_ref"
        case .shallow: "shallow_repository"
        case .objectFormat: "object_format"
        case .badName, .badCommit: "bad_repository"
        case .notFetched: "not_fetched"
        }
    }

    package var description: String {
        switch self {
        case .noPath(let path): "could not find the repository '\(path)'"
        case .notRepository(let path): "could not use '\(path)': it is not a git repository"
        case .foreign(let path): "could not use '\(path)': it belongs to somebody else"
        case .empty(let path): "could not use '\(path)': it has no commits yet"
        case .noRef(let name, let repository, _):
            "could not find the base ref '\(name)' in '\(repository)'"
        case .shallow(let path):
            "could not use '\(path)': it is a shallow clone, so the history of the base is missing"
        case .objectFormat(let path): "could not use '\(path)': its object names are SHA-256"
        case .badName(let name): "could not use '\(name)': it looks like an option"
        case .badCommit(let name): "could not use '\(name)': it is no full object name"
        case .notFetched(let repository, let reason): "could not fetch '\(repository)': \(reason)"
        }
    }

    package var hint: String? {
        switch self {
        case .notRepository: "name a repository, or make one with 'git init'"
        case .foreign(let path):
            "run as its owner, or trust it with: git config --global --add safe.directory '\(path)'"
        case .empty: "commit something first"
        case .noRef(_, _, let near) where !near.isEmpty:
            "did you mean \(near.map { "'\($0)'" }.joined(separator: ", "))?"
        case .shallow(let path) where !path.hasPrefix("/"): nil
        case .shallow(let path): "complete it with: git -C '\(path)' fetch --unshallow"
        default: nil
        }
    }
}

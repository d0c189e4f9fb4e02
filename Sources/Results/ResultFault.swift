internal import Records
package import Smelt

/// Why there is no result although the sessions' work was let in.
package enum ResultFault: Fault {
    /// The variable whose value it is, and where it stands.
    case secret(variable: String, place: String)
    case link(String, String, String)
    case submodule(String)
    case conflict(session: String, files: [String])
    case noWork(session: String)

    package var exit: Exit {
        switch self {
        case .secret, .link, .submodule: .refused
        case .conflict: .no
        case .noWork: .missing
        }
    }

    package var code: String {
        switch self {
        case .secret: Failed.secretInResult
        case .link: "link"
        case .submodule: "submodule"
        case .conflict: "conflict"
        case .noWork: "no_work"
        }
    }

    package var description: String {
        switch self {
        case .secret(let variable, let place): "the value of '\(variable)' stands in \(place)"
        case .link(let path, let target, let reason):
            "refused the link '\(path)': its target '\(target)' \(reason)"
        case .submodule(let path): "refused a change of the submodule '\(path)'"
        case .conflict(let session, let files):
            files.isEmpty
                ? "could not merge session '\(session)': it shares no history with the base"
                : "could not merge session '\(session)': it conflicts in "
                    + files.prefix(5).map { "'\(Visible.line($0))'" }.joined(separator: ", ")
                    + (files.count > 5 ? " and \(files.count - 5) more" : "")
        case .noWork(let session):
            "the work of session '\(session)' is not there: neither its bundle nor its reference"
        }
    }

    package var hint: String? {
        switch self {
        case .secret: "revoke it: the session has read it and written it down"
        case .conflict: "order the sessions with depends_on, or give each its own files"
        default: nil
        }
    }
}

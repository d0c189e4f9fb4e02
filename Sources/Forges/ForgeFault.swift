package import Smelt

/// Why a result could not be delivered, or a pull request not be looked at.
package enum ForgeFault: Fault {
    /// The branch has commits that the result would drop.
    case wouldLose(branch: String, repository: String, old: String, log: String?)
    case checkedOut(branch: String, repository: String)
    /// The other side's own words.
    case pushRefused(branch: String, repository: String, reason: String)
    case unreachable(repository: String, reason: String)
    /// Somebody else moved the branch again and again.
    case contended(branch: String, repository: String)
    case badBranch(String)
    case noRepository(String)
    case noRequest(String, in: String)
    case requestClosed(Int, state: String)
    case conflict(head: String, base: String)
    case noTokenVariable(repository: String)
    case noToken(variable: String)
    case tokenRefused(variable: String?, message: String)
    case forbidden(what: String, message: String)
    case notFound(what: String, message: String)
    case notAccepted(what: String, message: String)
    case limited(host: String, until: Timestamp)
    case unavailable(host: String, reason: String)
    case redirected(from: String, to: String)
    case badAnswer(what: String, reason: String)
    case badAddress(String, reason: String)
    case noLibrary(String)

    package var exit: Exit {
        switch self {
        case .wouldLose, .checkedOut, .pushRefused, .noTokenVariable, .noToken, .tokenRefused,
            .forbidden:
            .refused
        case .unreachable, .redirected, .badAnswer, .noLibrary: .unavailable
        case .contended, .limited, .unavailable: .later
        case .badBranch, .notAccepted, .badAddress: .invalid
        case .noRepository, .noRequest, .notFound: .missing
        case .requestClosed, .conflict: .no
        }
    }

    package var code: String {
        switch self {
        case .wouldLose: "not_fast_forward"
        case .checkedOut: "checked_out"
        case .pushRefused: "push_refused"
        case .unreachable: "unreachable"
        case .contended: "contended"
        case .badBranch: "bad_branch"
        case .noRepository, .noRequest, .notFound: "missing"
        case .requestClosed: "closed"
        case .conflict: "conflict"
        case .noTokenVariable, .noToken: "no_token"
        case .tokenRefused: "token_refused"
        case .forbidden: "forbidden"
        case .notAccepted: "not_accepted"
        case .limited: "rate_limited"
        case .unavailable: "forge_unavailable"
        case .redirected: "redirected"
        case .badAnswer: "bad_answer"
        case .badAddress: "bad_address"
        case .noLibrary: "no_library"
        }
    }

    package var description: String {
        switch self {
        case .wouldLose(let branch, let repository, let old, _):
            "could not move branch '\(branch)' in '\(repository)': it is at \(old), which the result does not contain and this job did not deliver"
        case .checkedOut(let branch, let repository):
            "could not move branch '\(branch)' in '\(repository)': it is checked out there"
        case .pushRefused(let branch, let repository, let reason):
            "could not move branch '\(branch)' in '\(repository)': \(reason)"
        case .unreachable(let repository, let reason):
            "could not reach repository '\(repository)': \(reason)"
        case .contended(let branch, let repository):
            "could not move branch '\(branch)' in '\(repository)': somebody else keeps moving it"
        case .badBranch(let branch):
            "'\(branch)' cannot be the name of a branch"
        case .noRepository(let path):
            "there is no bare repository '\(path)': make it with 'git init --bare \(Shell.quoted(path))'"
        case .noRequest(let name, let repository):
            "there is no pull request '\(name)' in '\(repository)'"
        case .requestClosed(let number, let state):
            "pull request \(number) is \(state) already"
        case .conflict(let head, let base):
            "could not merge '\(head)' into '\(base)': they change the same lines"
        case .noTokenVariable(let repository):
            "no token for '\(repository)': name the variable that holds it in forge.token_env"
        case .noToken(let variable):
            "no token: the variable '\(variable)' is not set"
        case .tokenRefused(let variable, let message):
            "the token" + (variable.map { " in '\($0)'" } ?? "") + " was refused: \(message)"
        case .forbidden(let what, let message): "could not \(what): not allowed: \(message)"
        case .notFound(let what, let message):
            "could not \(what): \(message): either it does not exist, or the token may not see it"
        case .notAccepted(let what, let message): "could not \(what): \(message)"
        case .limited(let host, let until):
            "'\(host)' asks to wait until \(until): feed the run's log to smelt-pr then"
        case .unavailable(let host, let reason): "'\(host)' does not answer properly: \(reason)"
        case .redirected(let from, let to):
            "'\(from)' points to '\(to)', another host, which does not get the token"
        case .badAnswer(let what, let reason):
            "could not \(what): the answer makes no sense: \(reason)"
        case .badAddress(let address, let reason): "cannot use '\(address)': \(reason)"
        case .noLibrary(let reason):
            "libcurl could not be opened: \(reason): install libcurl4"
        }
    }

    package var notBefore: Timestamp? {
        if case .limited(_, let until) = self { until } else { nil }
    }

    package var hint: String? {
        switch self {
        case .wouldLose(_, _, _, let log):
            "to replace it: smelt-pr --force < " + (log.map { Shell.quoted($0) } ?? "LOG")
        case .checkedOut:
            "switch to another branch there and feed the run's log to smelt-pr again"
        default: nil
        }
    }
}

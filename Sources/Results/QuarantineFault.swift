package import Smelt

/// Why a session's work was not let in.
package enum QuarantineFault: Fault {
    case badBundle(String)
    /// What, how much it is, how much it may be.
    case beyond(String, String, String)
    case tooSlow
    case tooHeavy(String)
    /// git found an object that no honest git makes, or one is missing.
    case badObjects(String)
    case foreignHistory(String)
    case otherCommit(found: String, wanted: String)
    case moved(String)

    package var exit: Exit {
        switch self {
        case .moved: .later
        default: .refused
        }
    }

    package var code: String {
        switch self {
        case .beyond, .tooSlow, .tooHeavy: "over_bounds"
        case .moved: "moved"
        default: "bad_bundle"
        }
    }

    package var description: String {
        switch self {
        case .badBundle(let reason): "refused a bundle: \(reason)"
        case .beyond(let what, let found, let most):
            "refused a bundle: \(what) \(found) is more than \(most)"
        case .tooSlow: "refused a bundle: it did not come, or took longer to check than is allowed"
        case .tooHeavy(let what): "refused a bundle: checking it took more \(what) than is allowed"
        case .badObjects(let reason): "refused a bundle: \(reason)"
        case .foreignHistory(let commit):
            "refused a bundle: it builds on '\(commit)', which the session was not given"
        case .otherCommit(let found, let wanted):
            "refused a bundle: it brings commit '\(found)', but the session ended at '\(wanted)'"
        case .moved(let ref): "'\(ref)' was changed by somebody else at the same time"
        }
    }

    package var hint: String? {
        switch self {
        case .beyond, .tooSlow, .tooHeavy:
            "the bounds are options of smelt-collect; smelt-collect(1) lists them"
        default: nil
        }
    }
}

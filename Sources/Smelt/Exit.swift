/// The statuses that every command ends with; they say who must act. 64 to 78 are those of BSD's
/// `sysexits.h`, 128 + n those of the shell for a signal.
package enum Exit: Int32, Sendable, Codable {
    case done = 0
    /// The job failed, or the answer is no.
    case no = 1
    /// Every session ran, but a gate failed.
    case gateFailed = 2
    case usage = 64
    case invalid = 65
    case missing = 66
    case unavailable = 69
    /// A bug of ours.
    case bug = 70
    case io = 74
    case later = 75
    case refused = 77
    case misconfigured = 78
    case interrupted = 130
    /// Nobody reads our output any more.
    case unheard = 141
    case terminated = 143
}

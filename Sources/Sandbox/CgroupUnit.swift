internal import Smelt

/// What systemd made a group for, as far as its path says.
enum CgroupUnit: Equatable {
    /// A service of the system's manager: who wrote its file decides what is delegated to it.
    case service(String)
    /// Where somebody is who logged in: nothing is ever delegated to it.
    case session
    /// A user's manager, or what that made.
    case manager
    /// The highest that there is, which in a container is the container's own.
    case top
    /// Somebody else's, or no unit.
    case other

    init(of group: String) {
        let names = group.split(separator: "/").map(String.init)
        let last = names.last ?? ""
        if group == "/sys/fs/cgroup" {
            self = .top
        } else if names.contains(where: { $0.hasPrefix("user@") && $0.hasSuffix(".service") }) {
            self = .manager
        } else if last.hasSuffix(".service") {
            self = .service(last)
        } else if last.hasPrefix("session-"), last.hasSuffix(".scope") {
            self = .session
        } else {
            self = .other
        }
    }
}

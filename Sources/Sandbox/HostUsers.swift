internal import Smelt

/// The users on the host that belong to sandboxes alone, from `$SMELT_UIDS` (`FIRST-LAST`). Root hands
/// them out, one to an environment, since it may not run a command as itself.
package struct HostUsers: Equatable, Sendable {
    package let range: ClosedRange<UInt32>

    /// A range that neither distributions, useradd, subuid nor systemd give to anybody.
    package static let standard = HostUsers(range: 1_900_000_000...1_900_065_535)

    package init(range: ClosedRange<UInt32>) {
        self.range = range
    }

    /// Strict: digits, one dash, digits, rising, without 0 and the overflow ids.
    package init?(_ text: String) {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 2, parts.allSatisfy({ $0.utf8.allSatisfy { (48...57).contains($0) } }),
            let first = UInt32(parts[0]), let last = UInt32(parts[1]), first > 0, first <= last,
            last < UInt32.max - 1, !(first...last).contains(65534), !(first...last).contains(65535)
        else { return nil }
        range = first...last
    }

    /// Whom a command of root's own runs as when nothing says otherwise.
    package var alone: UInt32 { range.lowerBound }

    /// Whom `smelt-egress` runs as, which no command may share; nil where there are too few.
    package var egress: UInt32? { range.count > 2 ? range.upperBound : nil }

    /// Those that environments get: all but these two, where there are several.
    package var environments: ClosedRange<UInt32> {
        switch range.count {
        case 1: range
        case 2: range.upperBound...range.upperBound
        default: range.lowerBound + 1...range.upperBound - 1
        }
    }

    package static func configured() throws(SandboxFault) -> HostUsers {
        guard let text = Environment.nonEmpty("SMELT_UIDS") else { return standard }
        guard let users = HostUsers(text) else { throw .badUsers("SMELT_UIDS", text) }
        return users
    }
}

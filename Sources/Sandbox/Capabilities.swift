internal import CCap
internal import Glibc

/// Capabilities that a command keeps, by the names of capabilities(7). They count in the namespaces of the sandbox
/// and nowhere else: `net_bind_service` gives low ports of its own network, and no port of the host's.
package struct Capabilities: Codable, Equatable, Sendable {
    /// A bit each.
    let mask: UInt64

    package static let none = Capabilities(mask: 0)

    private init(mask: UInt64) {
        self.mask = mask
    }

    /// `CAP_NET_RAW`, `cap_net_raw` or `net_raw`; a fault for a name that neither libcap nor the kernel knows.
    package init(_ names: [String]) throws(SandboxFault) {
        var mask: UInt64 = 0
        for name in names {
            let lower = name.lowercased()
            let full = lower.hasPrefix("cap_") ? lower : "cap_" + lower
            var number: cap_value_t = 0
            // libcap also takes numbers, and lists of which it reads the first.
            guard cap_from_name(full, &number) == 0, number < 64, cap_get_bound(number) >= 0,
                Self.name(number) == full.dropFirst(4)
            else { throw .noCapability(name) }
            mask |= 1 << UInt64(number)
        }
        self.mask = mask
    }

    /// In the order of their numbers, such as `net_raw`.
    package var names: [String] {
        (0..<64).filter { mask >> UInt64($0) & 1 == 1 }.map { Self.name(cap_value_t($0)) }
    }

    private static func name(_ number: cap_value_t) -> String {
        guard let text = cap_to_name(number) else { return "\(number)" }
        defer { cap_free(text) }
        return String(String(cString: text).dropFirst(4))
    }

    package init(from decoder: any Decoder) throws {
        try self.init(decoder.singleValueContainer().decode([String].self))
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(names)
    }
}

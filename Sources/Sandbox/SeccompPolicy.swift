/// Which system calls a command may make: a profile, and what is allowed and denied beside it. Plain data; what it
/// means for each call of this machine is in `SeccompRules`, the text form in smelt-seccomp(5).
package struct SeccompPolicy: Equatable, Sendable {
    package enum Base: String, Codable, Sendable, CaseIterable {
        /// Without any filter.
        case none
        case `default`, strict
        /// Every call is refused that is not allowed.
        case closed

        /// Those that are profiles by themselves: with `closed` no program could start.
        package static let profiles: [Base] = [.default, .strict, .none]
    }

    /// What is said of one call.
    package struct Entry: Codable, Equatable, Sendable {
        package var call: String
        /// All of them must hold; without any, whatever the arguments.
        package var when: [SeccompCondition]
        /// The errno of the refusal, where it is not the policy's own.
        package var errno: Int32?

        package init(_ call: String, when: [SeccompCondition] = [], errno: Int32? = nil) {
            self.call = call
            self.when = when
            self.errno = errno
        }
    }

    package var base: Base
    /// What a call that is denied answers: an errno.
    package var errno: Int32
    /// Lifts what the base refuses. Where every entry of a call has conditions, it is allowed under one of them only.
    package var allow: [Entry]
    /// Wins over `allow`.
    package var deny: [Entry]

    package static let refusal: Int32 = 1

    package init(
        base: Base = .default, errno: Int32 = refusal, allow: [Entry] = [], deny: [Entry] = []
    ) {
        self.base = base
        self.errno = errno
        self.allow = allow
        self.deny = deny
    }

    /// Nothing but the base.
    package var isProfile: Bool { allow.isEmpty && deny.isEmpty && base != .closed }

    /// For people, as smelt-seccomp(5) has it.
    var lines: [String] {
        func words(_ entry: Entry) -> String {
            entry.when.isEmpty
                ? entry.call
                : "\(entry.call) when \(entry.when.map(\.text).joined(separator: ", "))"
        }
        let base = base == .none && isProfile ? "not filtered" : "profile \(base)"
        return [base] + allow.map { "allowed: \(words($0))" } + deny.map { "refused: \(words($0))" }
    }

    /// All of it, the same for the same policy.
    var text: String {
        func words(_ entry: Entry) -> String {
            "\(entry.call) \(entry.errno ?? errno) \(entry.when.map(\.text).joined(separator: ", "))"
        }
        return (["\(base) \(errno)", "allow"] + allow.map(words) + ["deny"] + deny.map(words))
            .joined(separator: "\n")
    }
}

/// In JSON a profile is its name, everything else an object; what it leaves out is as in `init`.
extension SeccompPolicy: Codable {
    private enum Member: String, CodingKey, CaseIterable {
        case base, errno, allow, deny
    }

    package init(from decoder: any Decoder) throws {
        if let name = try? decoder.singleValueContainer().decode(String.self) {
            guard let base = Base(rawValue: name), Base.profiles.contains(base) else {
                throw SandboxFault.badPlan("there is no seccomp profile '\(name)'")
            }
            self.init(base: base)
            return
        }
        let words = try decoder.container(keyedBy: Member.self)
        try self.init(
            base: words.decodeIfPresent(Base.self, forKey: .base) ?? .default,
            errno: words.decodeIfPresent(Int32.self, forKey: .errno) ?? Self.refusal,
            allow: words.decodeIfPresent([Entry].self, forKey: .allow) ?? [],
            deny: words.decodeIfPresent([Entry].self, forKey: .deny) ?? [])
    }

    package func encode(to encoder: any Encoder) throws {
        if isProfile {
            var name = encoder.singleValueContainer()
            return try name.encode(base.rawValue)
        }
        var words = encoder.container(keyedBy: Member.self)
        try words.encode(base, forKey: .base)
        try words.encode(errno, forKey: .errno)
        try words.encode(allow, forKey: .allow)
        try words.encode(deny, forKey: .deny)
    }
}

internal import CSystem
internal import Smelt
package import Toml

/// A seccomp policy in a file; smelt-seccomp(5) is its page.
package enum SeccompFile {
    /// The policy, and what in it lets more through, or less, than its author may think. Every problem is in the fault.
    package static func read(_ name: String) throws(SourceFault) -> (
        policy: SeccompPolicy, warnings: [Problem]
    ) {
        try read(SourceFile.read(name))
    }

    /// The same of text that is already here.
    package static func read(_ source: SourceFile) throws(SourceFault) -> (
        policy: SeccompPolicy, warnings: [Problem]
    ) {
        let findings = Findings()
        let table = Table(
            try source.members(), at: .start, path: "", SeccompKeys.policy, findings)
        let policy = SeccompReader(table: table, findings: findings).read()
        return (policy, try findings.result(for: source.name))
    }

    /// What a key of another file holds that is a policy in itself, or names one.
    package static let shape = Shape.either([.text, .table(SeccompKeys.policy)])

    /// The policy that a key of another file holds as a table; what is wrong is among that table's findings.
    package static func read(_ key: String, of table: Table) -> SeccompPolicy? {
        let before = table.findings.problems.count
        guard let inner = table.table(key, SeccompKeys.policy) else { return nil }
        return SeccompReader(table: inner, findings: table.findings, known: before).read()
    }
}

/// Every key that such a file may have.
enum SeccompKeys {
    static let policy = Section(
        "seccomp policy", "Which system calls a command may make.",
        [
            Key(
                "base", .choice(SeccompPolicy.Base.allCases.map(\.rawValue)), normally: "default",
                "what it builds on"),
            Key("errno", .text, normally: "EPERM", "what a denied call answers"),
            Key(
                "allow", .list(.either([.text, .table(permission)])),
                "what is allowed, whatever the base says"),
            Key("deny", .list(.either([.text, .table(refusal)])), "what is refused in any case"),
        ])

    private static let call = Key("call", .text, required: true, "the system call")
    private static let when = Key("when", .list(.text), "conditions that must all hold")

    static let permission = Section("permission", "A call that is allowed.", [call, when])
    static let refusal = Section(
        "refusal", "A call that is refused.",
        [call, when, Key("errno", .text, "what it answers, where another error fits better")])
}

/// Makes the policy of a checked table, and looks for what its parts do to each other.
struct SeccompReader {
    let table: Table
    let findings: Findings
    /// How many problems the findings had before the table was looked at.
    var known = 0

    /// An entry, and where it stands.
    typealias Entry = Found<SeccompPolicy.Entry>

    func read() -> SeccompPolicy {
        let base = table.choice("base", SeccompPolicy.Base.self) ?? .default
        let errno = table.text("errno").flatMap { number($0) } ?? SeccompPolicy.refusal
        let allow = entries("allow", SeccompKeys.permission)
        let deny = entries("deny", SeccompKeys.refusal)
        for entry in deny where entry.value.when.isEmpty {
            let whole = allow.contains {
                $0.value.call == entry.value.call && $0.value.when.isEmpty
            }
            if whole {
                findings.complain(
                    entry.place, "\(entry.path): '\(entry.value.call)' is also allowed: keep one")
            }
        }
        let policy = SeccompPolicy(
            base: base, errno: errno, allow: allow.map(\.value), deny: deny.map(\.value))
        if findings.problems.count == known { checkWhole(policy) }
        SeccompAdvice(base: base, allow: allow, deny: deny, findings: findings).give(table)
        return policy
    }

    /// What only shows in all of it together.
    private func checkWhole(_ policy: SeccompPolicy) {
        do throws(SandboxFault) {
            _ = try SeccompCompiler.compile(SeccompRules(policy))
        } catch {
            guard case .badPlan(let reason) = error else {
                return findings.complain(table.place, "\(error)")
            }
            findings.complain(table.place, reason)
        }
    }

    private func entries(_ key: String, _ section: Section) -> [Entry] {
        table.elements(key).compactMap { element in
            if element.value.text != nil {
                let call = Found(
                    value: element.value.text ?? "", place: element.place, path: element.path)
                return entry(at: element, call, when: [], errno: nil)
            }
            guard case .table(let members) = element.value.value else { return nil }
            let inner = Table(members, at: element.place, path: element.path, section, findings)
            guard let call = inner.text("call") else { return nil }
            return entry(
                at: element, call, when: conditions(inner),
                errno: inner.text("errno").flatMap { number($0) })
        }
    }

    private func entry(
        at element: Found<Toml>, _ call: Found<String>, when: [SeccompCondition],
        errno: Int32?
    ) -> Entry? {
        guard SeccompRules.isCall(call.value) else {
            let near = SeccompRules.nearest(to: call.value).map { "; did you mean '\($0)'?" }
            findings.complain(
                call.place, "\(call.path): there is no system call '\(call.value)'\(near ?? "")")
            return nil
        }
        return Found(
            value: SeccompPolicy.Entry(call.value, when: when, errno: errno), place: element.place,
            path: element.path)
    }

    private func conditions(_ table: Table) -> [SeccompCondition] {
        table.texts("when").compactMap { text in
            do throws(SeccompCondition.Misread) { return try SeccompCondition(text.value) } catch {
                findings.complain(text.place, "\(text.path) '\(text.value)' \(error.reason)")
                return nil
            }
        }
    }

    private func number(_ name: Found<String>) -> Int32? {
        let names = (Int32(1)...133).compactMap { number in
            system_error_name(number).map { (number, String(cString: $0)) }
        }
        if let found = names.first(where: { $0.1 == name.value }) { return found.0 }
        let near = Spelling.nearest(to: name.value.uppercased(), among: names.map(\.1))
        findings.complain(
            name.place,
            "\(name.path): there is no error '\(name.value)'\(near.map { "; did you mean '\($0)'?" } ?? "; errno(3) lists them")"
        )
        return nil
    }
}

package import Sandbox
internal import Smelt
package import Toml

/// What a word for `seccomp` names: a profile, or a file, whose name has a slash or ends as TOML's do.
package enum SeccompWord: Sendable {
    case profile(SeccompPolicy.Base)
    case file(String)

    package static let wants = "default, strict, none or a file such as ./policy.toml"

    package init?(_ text: String) {
        if text.contains("/") || text.hasSuffix(".toml") {
            self = .file(text)
        } else if let base = SeccompPolicy.Base(rawValue: text),
            SeccompPolicy.Base.profiles.contains(base)
        {
            self = .profile(base)
        } else {
            return nil
        }
    }
}

/// The key `seccomp` of manifests and policies: a profile, a file, or a table as in smelt-seccomp(5).
package struct SeccompKey {
    package let findings: Findings
    /// Reads a file that the key names.
    package let open: (String) throws -> SourceFile

    package init(findings: Findings, open: @escaping (String) throws -> SourceFile) {
        (self.findings, self.open) = (findings, open)
    }

    package func read(_ table: Table) -> SeccompPolicy? {
        guard let text = table.text("seccomp") else {
            return SeccompFile.read("seccomp", of: table)
        }
        switch SeccompWord(text.value) {
        case .profile(let base): return SeccompPolicy(base: base)
        case .file(let name): return read(name, text)
        case nil:
            let near = Spelling.nearest(
                to: text.value.lowercased(), among: SeccompPolicy.Base.profiles.map(\.rawValue))
            findings.complain(
                text.place,
                "\(text.path) must be \(SeccompWord.wants), not '\(text.value)'"
                    + (near.map { "; did you mean '\($0)'?" } ?? ""))
            return nil
        }
    }

    /// Each problem of the file stands behind the place that names it.
    private func read(_ name: String, _ key: Found<String>) -> SeccompPolicy? {
        do {
            let file = try open(name)
            do throws(SourceFault) {
                let (policy, warnings) = try SeccompFile.read(file)
                for warning in warnings {
                    findings.warn(key.place, "\(key.path): \(warning.line(in: file.name))")
                }
                return policy
            } catch {
                guard case .invalid(_, let problems) = error else { throw error }
                for problem in problems {
                    findings.complain(key.place, "\(key.path): \(problem.line(in: file.name))")
                }
                return nil
            }
        } catch {
            findings.complain(key.place, "\(key.path): \(error)")
            return nil
        }
    }
}

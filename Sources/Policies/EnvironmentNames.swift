internal import Records
internal import Smelt
package import Toml

/// Names of variables that programs get.
package struct EnvironmentNames {
    let findings: Findings

    package init(findings: Findings) {
        self.findings = findings
    }

    /// Variables that smelt sets for each session.
    static let taken = ["SMELT_RUN", "SMELT_SESSION", "SMELT_SPEC_FILE", "SMELT_BASE"]

    /// Whether a shell would take it as a variable's name.
    static func isVariable(_ name: String) -> Bool {
        guard let first = name.utf8.first, !(48...57).contains(first) else { return false }
        return name.utf8.allSatisfy { byte in
            switch byte {
            case 48...57, 65...90, 97...122, UInt8(ascii: "_"): true
            default: false
            }
        }
    }

    package func check(_ name: String, at place: Place, path: String) {
        if !Self.isVariable(name) {
            findings.complain(
                place, "\(path): '\(name)' cannot be a variable: use letters, digits and '_'")
        } else if Self.taken.contains(name) {
            findings.complain(place, "\(path): '\(name)' is set by smelt: choose another name")
        }
    }
}

/// Variables of this machine that hold secrets. An unset one stops nothing but the run, which may
/// be elsewhere; a value that could not be masked is refused.
package struct SecretCheck {
    let findings: Findings

    package init(findings: Findings) {
        self.findings = findings
    }

    package func check(_ variable: Found<String>) {
        guard EnvironmentNames.isVariable(variable.value) else {
            findings.complain(
                variable.place,
                "\(variable.path) must be the name of a variable, never a secret itself")
            return
        }
        do throws(SecretFault) { _ = try Secret.value(of: variable.value) } catch {
            switch error {
            case .unset: findings.warn(variable.place, "\(variable.path): \(error)")
            case .tooShort: findings.complain(variable.place, "\(variable.path): \(error)")
            }
        }
    }
}

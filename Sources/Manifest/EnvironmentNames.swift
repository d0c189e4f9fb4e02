internal import Records
internal import Smelt
internal import Toml

/// Names of variables that a session gets.
struct EnvironmentNames {
    let findings: Findings

    func check(_ name: String, at place: Place, path: String) {
        if !Names.isVariable(name) {
            findings.complain(
                place, "\(path): '\(name)' cannot be a variable: use letters, digits and '_'")
        } else if Names.taken.contains(name) {
            findings.complain(place, "\(path): '\(name)' is set by smelt: choose another name")
        }
    }
}

/// Variables of this machine that hold secrets. An unset one stops nothing but the run, which may
/// be elsewhere; a value that could not be masked is refused.
struct SecretCheck {
    let findings: Findings

    func check(_ variable: Found<String>) {
        guard Names.isVariable(variable.value) else {
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

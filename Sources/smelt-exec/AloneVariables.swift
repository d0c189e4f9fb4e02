import Policies
import Sandbox
import Smelt

extension AloneOptions {
    /// What the command gets of the caller's variables without being told: how to talk, and where programs are.
    static func environment(of policy: Policy, _ lost: Lost) throws -> [String: String] {
        var variables: [String: String] = [:]
        if policy.clearsVariables != true {
            variables = Plan.environment
            for entry in Environment.all {
                guard let (name, value) = split(entry), isHarmless(name) else { continue }
                variables[name] = value
            }
        }
        for (name, said) in policy.variables.sorted(by: { $0.key < $1.key }) {
            if case .value(let value) = said.value {
                variables[name] = value
            } else if let value = Environment[name] {
                variables[name] = value
            } else if let origin = said.origin {
                lost.add(origin, "there is no variable '\(name)' to hand on")
            } else {
                throw Usage("--env \(name): there is no such variable to hand on")
            }
        }
        return variables
    }

    static func addVariables(_ words: Words, to policy: inout Policy) throws(Usage) {
        if words[clear] { policy.clearsVariables = true }
        for text in words.all(variable) {
            guard let (name, value) = split(text) else {
                policy.variables[text] = Said(.handedOn)
                continue
            }
            guard !name.isEmpty else {
                throw Usage("--env needs NAME=VALUE or NAME, not '\(text)'")
            }
            policy.variables[name] = Said(.value(value))
        }
    }

    private static func isHarmless(_ name: String) -> Bool {
        ["PATH", "TERM", "COLORTERM", "NO_COLOR", "LANG", "LANGUAGE", "TZ"].contains(name)
            || name.hasPrefix("LC_")
    }

    private static func split(_ text: String) -> (String, String)? {
        // By bytes: what a character is costs more to find out than all the rest.
        guard let equals = text.utf8.firstIndex(of: UInt8(ascii: "=")) else { return nil }
        return (String(text[..<equals]), String(text[text.utf8.index(after: equals)...]))
    }
}

import Sandbox
import Smelt

extension AloneOptions {
    /// What the command gets of the caller's variables without being told: how to talk, and where programs are.
    static func environment(of words: Words) throws -> [String: String] {
        var variables: [String: String] = [:]
        if !words[clear] {
            variables = Plan.environment
            for entry in Environment.all {
                guard let (name, value) = split(entry), isHarmless(name) else { continue }
                variables[name] = value
            }
        }
        for text in words.all(variable) {
            if let (name, value) = split(text) {
                guard !name.isEmpty else {
                    throw Usage("--env needs NAME=VALUE or NAME, not '\(text)'")
                }
                variables[name] = value
            } else {
                guard let value = Environment[text] else {
                    throw Usage("--env \(text): there is no such variable to hand on")
                }
                variables[text] = value
            }
        }
        return variables
    }

    private static func isHarmless(_ name: String) -> Bool {
        ["PATH", "TERM", "COLORTERM", "NO_COLOR", "LANG", "LANGUAGE", "TZ"].contains(name)
            || name.hasPrefix("LC_")
    }

    private static func split(_ text: String) -> (String, String)? {
        guard let equals = text.firstIndex(of: "=") else { return nil }
        return (String(text[..<equals]), String(text[text.index(after: equals)...]))
    }
}

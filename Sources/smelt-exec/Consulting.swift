import FoundationEssentials
import Glibc
import Sandbox
import Smelt

/// What `smelt-exec` can be asked without running anything.
enum Consulting {
    static let doctor = Option("doctor", nil, .flag, "tell what this host can enforce")
    static let explain = Option("explain", nil, .flag, "tell what would be done, and do not do it")
    static let json = Option("json", nil, .flag, "as JSON: --doctor, --explain")

    static let all: [any Declared] = [doctor, explain, json]

    static func examine(_ words: Words) throws -> Exit {
        let findings = Doctor.examine()
        if words[json] {
            for finding in findings { try put(line(finding)) }
        } else {
            let width = findings.map(\.name.count).max() ?? 0
            for finding in findings {
                let gap = String(repeating: " ", count: width - finding.name.count + 2)
                try put(
                    "\(finding.isThere ? "yes" : "no ")  \(finding.name)\(gap)\(finding.detail)\n")
                if let remedy = finding.remedy {
                    try put(String(repeating: " ", count: width + 7) + "→ \(remedy)\n")
                }
            }
        }
        // Without it nothing runs at all; of the rest each host has what it has.
        return findings.first { $0.name == "sandbox" }?.isThere == true ? .done : .unavailable
    }

    static func explain(_ words: Words) throws -> Exit {
        let isTask = words[AloneOptions.task] != nil
        let plan: Plan
        do {
            let asked = try AlonePolicy(words)
            plan = isTask ? try TaskPlan(words, asked).plan : try AlonePlan.make(words, asked)
        } catch let fault as any Fault where Alone.fileOfProblems(fault) != nil {
            exit(Alone.complain(of: fault, nil))
        }
        let sections = try Explanation(plan).sections
        guard !words[json] else {
            try put(line(plan))
            return .done
        }
        for section in sections {
            try put("\(section.title)\n")
            for line in section.lines { try put("    \(line)\n") }
        }
        return .done
    }

    private static func line(_ value: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(value), as: UTF8.self) + "\n"
    }
}

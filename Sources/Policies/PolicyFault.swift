package import Smelt
package import Toml

/// Why policies give nothing to run a command by.
package enum PolicyFault: Fault {
    /// What is wrong in a policy and in those it builds on, each file with all of its problems; at least one.
    case invalid([SourceFault])
    case unreadable(SystemFault)
    case notTrusted(file: String, reason: String)

    package var exit: Exit {
        switch self {
        case .invalid: .invalid
        case .unreadable(let fault): fault.exit
        case .notTrusted: .refused
        }
    }

    package var code: String {
        switch self {
        case .invalid: "bad_policy"
        case .unreadable: "no_policy"
        case .notTrusted: "policy_not_trusted"
        }
    }

    /// For `invalid` a line for each problem.
    package var description: String {
        switch self {
        case .invalid(let faults): faults.map { "\($0)" }.joined(separator: "\n")
        case .unreadable(let fault): "\(fault)"
        case .notTrusted(let file, let reason): "could not trust '\(file)': \(reason)"
        }
    }

    /// Problems at the places where values were said, found when they were used; at least one.
    package static func problems(_ all: [(origin: Origin, sentence: String)]) -> PolicyFault {
        var files: [String] = []
        for (origin, _) in all where !files.contains(origin.file) { files.append(origin.file) }
        return .invalid(
            files.map { file in
                let here = all.filter { $0.origin.file == file }.map { origin, sentence in
                    Problem(origin.place, "\(origin.path): \(Visible.line(sentence))")
                }
                return .invalid(file: file, problems: here.sorted())
            })
    }
}

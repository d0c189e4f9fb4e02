package import Smelt

/// One thing that is wrong in a file, and what to do about it.
package struct Problem: Error, Comparable, Sendable {
    package let place: Place
    package let sentence: String

    package init(_ place: Place, _ sentence: String) {
        self.place = place
        self.sentence = sentence
    }

    package static func < (left: Problem, right: Problem) -> Bool {
        (left.place, left.sentence) < (right.place, right.sentence)
    }

    /// `file:line:column: sentence`, the form that editors jump to.
    package func line(in file: String) -> String {
        "\(file):\(place.line):\(place.column): \(sentence)"
    }
}

/// What is found while a file is read. Problems stop it from being used, warnings do not.
final class Findings {
    private(set) var problems: [Problem] = []
    private(set) var warnings: [Problem] = []

    func complain(_ place: Place, _ sentence: String) {
        problems.append(Problem(place, Visible.line(sentence)))
    }

    func warn(_ place: Place, _ sentence: String) {
        warnings.append(Problem(place, "warning: " + Visible.line(sentence)))
    }

    /// The warnings, in the order of the file.
    func result(for file: String) throws(ManifestFault) -> [Problem] {
        guard problems.isEmpty else { throw .invalid(file: file, problems: problems.sorted()) }
        return warnings.sorted()
    }
}

/// Why a manifest gives no job.
package enum ManifestFault: Fault {
    /// Sorted by place, at least one.
    case invalid(file: String, problems: [Problem])
    case unreadable(SystemFault)
    case exists(String)
    case unwritable(SystemFault)

    package var exit: Exit {
        switch self {
        case .invalid: .invalid
        case .unreadable: .missing
        case .exists: .no
        case .unwritable(let fault): fault.exit
        }
    }

    package var code: String {
        switch self {
        case .invalid: "bad_manifest"
        case .unreadable: "no_manifest"
        case .exists: "exists"
        case .unwritable(let fault): fault.code
        }
    }

    /// One sentence for a record.
    package var summary: String {
        guard case .invalid(let file, let problems) = self, let first = problems.first else {
            return "\(self)"
        }
        let more = problems.count - 1
        return first.line(in: file) + (more > 0 ? " (and \(more) more)" : "")
    }

    /// For `invalid` a line for each problem.
    package var description: String {
        switch self {
        case .invalid(let file, let problems):
            problems.map { $0.line(in: file) }.joined(separator: "\n")
        case .unreadable(let fault), .unwritable(let fault):
            "\(fault)"
        case .exists(let path):
            "'\(path)' is already there: remove it, or name another file"
        }
    }
}

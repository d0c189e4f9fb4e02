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
package final class Findings {
    package private(set) var problems: [Problem] = []
    package private(set) var warnings: [Problem] = []

    package init() {}

    package func complain(_ place: Place, _ sentence: String) {
        problems.append(Problem(place, Visible.line(sentence)))
    }

    package func warn(_ place: Place, _ sentence: String) {
        warnings.append(Problem(place, "warning: " + Visible.line(sentence)))
    }

    /// The warnings, in the order of the file.
    package func result(for file: String) throws(SourceFault) -> [Problem] {
        guard problems.isEmpty else { throw .invalid(file: file, problems: problems.sorted()) }
        return warnings.sorted()
    }
}

/// Why a file gives nothing to work with.
package enum SourceFault: Fault {
    /// Sorted by place, at least one.
    case invalid(file: String, problems: [Problem])
    case unreadable(SystemFault)

    package var exit: Exit {
        switch self {
        case .invalid: .invalid
        case .unreadable: .missing
        }
    }

    package var code: String {
        switch self {
        case .invalid: "bad_file"
        case .unreadable: "no_file"
        }
    }

    /// For `invalid` a line for each problem.
    package var description: String {
        switch self {
        case .invalid(let file, let problems):
            problems.map { $0.line(in: file) }.joined(separator: "\n")
        case .unreadable(let fault): "\(fault)"
        }
    }
}

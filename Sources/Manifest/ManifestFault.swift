package import Smelt
package import Toml

/// Why a manifest gives no job.
package enum ManifestFault: Fault {
    /// Sorted by place, at least one.
    case invalid(file: String, problems: [Problem])
    case unreadable(SystemFault)
    case exists(String)
    case unwritable(SystemFault)

    init(_ fault: SourceFault) {
        switch fault {
        case .invalid(let file, let problems): self = .invalid(file: file, problems: problems)
        case .unreadable(let fault): self = .unreadable(fault)
        }
    }

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

package import Smelt

/// Rules from a file: one a line; empty lines, and what follows a `#`, mean nothing.
package enum RuleFile {
    package static func read(_ path: String) throws -> [NetworkRule] {
        try rules(in: Files.read(path, upTo: 1 << 20), of: path)
    }

    /// The same of text that is already here.
    package static func rules(in text: [UInt8], of path: String) throws(RuleFileFault)
        -> [NetworkRule]
    {
        var rules: [NetworkRule] = []
        let text = String(decoding: text, as: UTF8.self)
        for (number, line) in text.split(separator: "\n", omittingEmptySubsequences: false)
            .enumerated()
        {
            let bare = trimmed(line.prefix { $0 != "#" })
            guard !bare.isEmpty else { continue }
            guard let rule = NetworkRule(bare) else {
                throw RuleFileFault(path: path, line: number + 1, text: bare)
            }
            rules.append(rule)
        }
        return rules
    }

    private static func trimmed(_ line: Substring) -> String {
        var rest = line
        while let first = rest.first, first == " " || first == "\t" { rest.removeFirst() }
        while let last = rest.last, last == " " || last == "\t" || last == "\r" {
            rest.removeLast()
        }
        return String(rest)
    }
}

package struct RuleFileFault: Fault {
    let path: String
    let line: Int
    let text: String
    package var exit: Exit { .invalid }
    package var code: String { "network_rule" }
    package var description: String {
        "\(path):\(line): '\(Visible.line(text))' is no rule: write [METHOD ]HOST[:PORT][/PATH]"
    }
}

package import Records
internal import Smelt

/// Rules as people list them.
package enum Rules {
    package static func parse(_ texts: [String]) throws(ServeFault) -> [NetworkRule] {
        var rules: [NetworkRule] = []
        for text in texts {
            guard let rule = NetworkRule(text) else { throw .badRule(text) }
            rules.append(rule)
        }
        return rules
    }
}

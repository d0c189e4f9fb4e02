internal import Smelt

/// A forge's token, read from its variable at the moment of use. Nothing that anybody reads later
/// may hold it: what other programs say goes through `masked` first.
package struct Token: Sendable {
    package let variable: String
    let value: String
    private let patterns: SecretPatterns

    package init(variable: String) throws(ForgeFault) {
        let space: Set<Character> = [" ", "\n", "\t", "\r", "\r\n"]
        var text = Substring(Environment[variable] ?? "")
        while let last = text.last, space.contains(last) { text.removeLast() }
        while let first = text.first, space.contains(first) { text.removeFirst() }
        guard !text.isEmpty else { throw .noToken(variable: variable) }
        // A line end inside would become a header of its own.
        guard text.utf8.allSatisfy({ (33...126).contains($0) }) else {
            throw .tokenRefused(
                variable: variable, message: "it has spaces or characters that no token has")
        }
        self.variable = variable
        value = String(text)
        patterns = SecretPatterns([Array(text.utf8)])
    }

    /// `text` with each spelling of the token replaced.
    func masked(_ text: String) -> String {
        var matcher = SecretMatcher(patterns)
        let bytes = Array(text.utf8)
        var hidden: [Range<Int>] = []
        matcher.feed(bytes) { hidden.append($0.bytes) }
        guard !hidden.isEmpty else { return text }
        var result: [UInt8] = []
        for index in bytes.indices where !hidden.contains(where: { $0.contains(index) }) {
            if index > 0, hidden.contains(where: { $0.contains(index - 1) }) {
                result.append(contentsOf: "***".utf8)
            }
            result.append(bytes[index])
        }
        if hidden.contains(where: { $0.contains(bytes.count - 1) }) {
            result.append(contentsOf: "***".utf8)
        }
        return String(decoding: result, as: UTF8.self)
    }
}

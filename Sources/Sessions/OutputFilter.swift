package import Smelt

/// What a program prints, on its way into records: secrets are replaced, bytes that may begin one
/// wait, and a character is not cut in two.
package struct OutputFilter: Sendable {
    /// What stands in place of a secret.
    package static let mask = Array("***".utf8)

    private let patterns: SecretPatterns
    private var matcher: SecretMatcher
    private var held: [UInt8] = []
    /// Where `held` begins in the stream as it was printed.
    private var base = 0
    private var matches: [Range<Int>] = []

    package init(_ patterns: SecretPatterns) {
        self.patterns = patterns
        matcher = SecretMatcher(patterns)
    }

    /// Why bytes are being held.
    package enum Waiting: Sendable {
        /// They may begin a secret: at most a second.
        case secret
        /// A character is not whole yet: a moment.
        case character
    }

    package var waiting: Waiting? {
        if held.isEmpty { return nil }
        return undecided > 0 ? .secret : .character
    }

    /// Takes what was printed; gives what may go on.
    package mutating func feed(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
        if !patterns.isEmpty {
            bytes.withUnsafeBytes { raw in
                matcher.feed(raw) { matches.append($0.bytes) }
            }
        }
        held.append(contentsOf: bytes)
        return release(upTo: held.count - undecided, cuttingCharacters: false)
    }

    /// How many of the last bytes may begin a secret. Those of one that is whole are decided: they
    /// will be masked, whatever follows.
    private var undecided: Int {
        let count = matcher.heldBytes
        let start = matcher.offset - count
        let isMatched = matches.contains {
            $0.upperBound == matcher.offset && $0.lowerBound <= start
        }
        return isMatched ? 0 : count
    }

    /// Gives everything that is held: the time is up or the stream has ended.
    package mutating func flush() -> [UInt8] {
        release(upTo: held.count, cuttingCharacters: true)
    }

    private mutating func release(upTo count: Int, cuttingCharacters: Bool) -> [UInt8] {
        var end = min(held.count, max(0, count))
        if !cuttingCharacters { end -= Self.unfinished(held[..<end]) }
        guard end > 0 else { return [] }
        let result: [UInt8]
        if matches.isEmpty {
            result = end == held.count ? held : Array(held[..<end])
        } else {
            (result, end) = masked(upTo: end)
        }
        if end == held.count { held = [] } else { held.removeFirst(end) }
        base += end
        matches.removeAll { $0.upperBound <= base }
        return result
    }

    /// The first `count` bytes with the matches in them replaced; one that reaches over the end is
    /// replaced whole.
    private func masked(upTo count: Int) -> ([UInt8], Int) {
        var result: [UInt8] = []
        var at = 0
        for match in Self.joined(matches) {
            let start = max(match.lowerBound - base, at)
            let end = match.upperBound - base
            guard start < count else { break }
            guard end > at else { continue }
            result += held[at..<start]
            result += Self.mask
            at = end
        }
        let end = max(at, count)
        return (result + held[at..<end], end)
    }

    /// Overlapping ranges as one.
    private static func joined(_ ranges: [Range<Int>]) -> [Range<Int>] {
        var joined: [Range<Int>] = []
        for range in ranges.sorted(by: { $0.lowerBound < $1.lowerBound }) {
            if let last = joined.last, range.lowerBound < last.upperBound {
                joined[joined.count - 1] =
                    last.lowerBound..<max(last.upperBound, range.upperBound)
            } else {
                joined.append(range)
            }
        }
        return joined
    }

    /// How many of the last bytes begin a UTF-8 character that is not whole.
    static func unfinished(_ bytes: ArraySlice<UInt8>) -> Int {
        for back in 1...3 where back <= bytes.count {
            let byte = bytes[bytes.endIndex - back]
            if byte & 0xC0 == 0x80 { continue }
            let length = byte >= 0xF0 ? 4 : byte >= 0xE0 ? 3 : byte >= 0xC0 ? 2 : 1
            return length > back ? back : 0
        }
        return 0
    }
}

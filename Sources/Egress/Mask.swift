package import Smelt

/// Takes a secret out of what an upstream says, should it say it back: by stars, so that no length changes.
package struct Mask {
    private var matcher: SecretMatcher
    private var held: [UInt8] = []

    package init(_ patterns: SecretPatterns) {
        matcher = SecretMatcher(patterns)
    }

    /// What may go on now; bytes that may begin the secret wait for what follows.
    package mutating func pass(_ bytes: UnsafeRawBufferPointer) -> [UInt8] {
        held += bytes
        let start = matcher.offset + bytes.count - held.count
        var found: [Range<Int>] = []
        matcher.feed(bytes) { found.append($0.bytes) }
        for range in found {
            for place in range where place >= start {
                let at = place - start
                // Between the parts of one that was broken into lines.
                if held[at] != 13, held[at] != 10 { held[at] = UInt8(ascii: "*") }
            }
        }
        let ready = held.count - min(matcher.heldBytes, held.count)
        let passed = Array(held[..<ready])
        held.removeFirst(ready)
        return passed
    }

    package mutating func pass(_ bytes: [UInt8]) -> [UInt8] { bytes.withUnsafeBytes { pass($0) } }

    package var isHolding: Bool { !held.isEmpty }

    /// The rest, at the end.
    package mutating func finish() -> [UInt8] {
        defer { held = [] }
        return held
    }
}

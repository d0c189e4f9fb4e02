import Glibc
import Smelt

/// However a stream is cut, the same comes out, no secret among it, and nothing else is changed. The first
/// bytes say how: how many secrets, how long, how the rest is cut.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    var rest = Array(UnsafeBufferPointer(start: start, count: count))[...]
    var secrets: [[UInt8]] = []
    for _ in 0..<Int((rest.popFirst() ?? 0) % 4) {
        let length = 8 + Int((rest.popFirst() ?? 0) % 16)
        let secret = Array(rest.prefix(length))
        rest = rest.dropFirst(length)
        if secret.count == length { secrets.append(secret) }
    }
    let patterns = SecretPatterns(secrets)
    let cuts = [1, 2, 3, 7, Int((rest.popFirst() ?? 0)) + 1]
    let whole = filtered(rest, patterns, cut: .max)
    for cut in cuts {
        let pieces = filtered(rest, patterns, cut: cut)
        // Of secrets that overlap, the first may already have left as a mask of its own.
        precondition(starless(pieces) == starless(whole), "cut by \(cut), it is another")
    }
    // White space around a secret does not belong to it.
    let undisputed = secrets.filter { $0.allSatisfy { ![9, 10, 11, 12, 13, 32, 42].contains($0) } }
    for secret in undisputed {
        let found = whole.indices.contains { whole[$0...].starts(with: secret) }
        // The mask may stand between bytes that make a secret of their own; those were apart.
        precondition(!found || !contains(rest, secret), "\(secret) in \(whole)")
    }
    if !secrets.contains(where: { contains(rest, $0) }), whole.count == rest.count {
        precondition(whole == Array(rest), "changed without a reason")
    }
    if secrets.isEmpty { precondition(whole == Array(rest), "changed without a secret") }
    return 0
}

private func filtered(_ bytes: ArraySlice<UInt8>, _ patterns: SecretPatterns, cut: Int) -> [UInt8] {
    var filter = OutputFilter(patterns)
    var result: [UInt8] = []
    var rest = bytes
    while !rest.isEmpty {
        let piece = rest.prefix(cut)
        rest = rest.dropFirst(piece.count)
        result += filter.feed(piece)
    }
    return result + filter.flush()
}

/// Runs of asterisks as one.
private func starless(_ bytes: [UInt8]) -> [UInt8] {
    bytes.reduce(into: []) { if $1 != UInt8(ascii: "*") || $0.last != $1 { $0.append($1) } }
}

private func contains(_ bytes: ArraySlice<UInt8>, _ word: [UInt8]) -> Bool {
    bytes.indices.contains { bytes[$0...].starts(with: word) }
}

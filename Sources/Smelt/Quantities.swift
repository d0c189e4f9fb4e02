internal import Glibc

/// Durations and sizes as people write them.
package enum Quantity {
    /// Seconds from `"90s"`, `"10m"`, `"1h30m"`, `"2d"`, `"500ms"` or a plain number of seconds; nil
    /// when it is none of these or negative.
    package static func seconds(_ text: String) -> Double? {
        if let plain = Double(text), plain >= 0, plain.isFinite, isNumber(text) { return plain }
        var total = 0.0
        var rest = Substring(text)
        var lastUnit = Double.infinity
        while !rest.isEmpty {
            let digits = rest.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
            let unit = rest.dropFirst(digits.count).prefix { $0.isASCII && $0.isLetter }
            guard let number = Double(digits), isNumber(digits), let scale = units[String(unit)],
                scale < lastUnit
            else { return nil }
            total += number * scale
            lastUnit = scale
            rest = rest.dropFirst(digits.count + unit.count)
        }
        return text.isEmpty || !total.isFinite ? nil : total
    }

    /// `1 file`, `2 files`.
    package static func count(_ number: Int, _ noun: String) -> String {
        "\(number) \(noun)\(number == 1 ? "" : "s")"
    }

    /// Bytes from `"512M"`, `"4GiB"`, `"1.5G"`, `"100000"`: K, M, G, T are powers of 1,024, with or
    /// without `B`, `i` or `iB`, upper or lower case, as Docker reads them. Nil for anything else.
    package static func bytes(_ text: String) -> Int? {
        let digits = text.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
        guard let number = Double(digits), isNumber(digits) else { return nil }
        let scales: [String: Double] = [
            "": 1, "b": 1, "k": 1024, "m": 0x1p20, "g": 0x1p30, "t": 0x1p40,
        ]
        var unit = text.dropFirst(digits.count).lowercased()
        if unit.count > 1, unit.hasSuffix("b") { unit.removeLast() }
        if unit.count > 1, unit.hasSuffix("i") { unit.removeLast() }
        guard let scale = scales[unit], number * scale < 0x1p62 else { return nil }
        return Int((number * scale).rounded())
    }

    private static let units: [String: Double] = [
        "ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86400,
    ]

    private static func isNumber(_ text: some StringProtocol) -> Bool {
        !text.isEmpty && text.utf8.allSatisfy { (48...57).contains($0) || $0 == 46 }
    }
}

extension Quantity {
    /// A duration for people: `42s`, `2m 5s`, `1h 1m 1s`, `0.3s` below one second.
    package static func describe(seconds: Double) -> String {
        guard seconds >= 1 else { return "\((max(0, seconds) * 10).rounded(.down) / 10)s" }
        let whole = Int(seconds)
        let (hours, minutes, rest) = (whole / 3600, whole / 60 % 60, whole % 60)
        if hours > 0 { return "\(hours)h \(minutes)m \(rest)s" }
        return minutes > 0 ? "\(minutes)m \(rest)s" : "\(rest)s"
    }
}

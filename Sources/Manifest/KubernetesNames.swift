/// What Kubernetes takes as names, labels and quantities
/// (kubernetes.io/docs/concepts/overview/working-with-objects, apimachinery's resource.Quantity).
enum KubernetesNames {
    /// RFC 1123: lower-case letters, digits and `-`, at most 63.
    static func isLabel(_ name: some StringProtocol) -> Bool {
        let bytes = Array(name.utf8)
        guard let first = bytes.first, let last = bytes.last, bytes.count <= 63 else {
            return false
        }
        return isLowerOrDigit(first) && isLowerOrDigit(last)
            && bytes.allSatisfy { isLowerOrDigit($0) || $0 == UInt8(ascii: "-") }
    }

    /// Such labels with dots between them, at most 253.
    static func isSubdomain(_ name: some StringProtocol) -> Bool {
        name.utf8.count <= 253
            && name.split(separator: ".", omittingEmptySubsequences: false).allSatisfy {
                isLabel($0)
            }
    }

    /// The key of a label or an annotation: perhaps `prefix/`, then a name.
    static func isKey(_ key: String) -> Bool {
        let parts = key.split(separator: "/", omittingEmptySubsequences: false)
        guard let name = parts.last, parts.count <= 2, !name.isEmpty else { return false }
        return isValue(name) && (parts.count == 1 || isSubdomain(parts[0]))
    }

    /// A label's value: empty, or letters, digits, `-`, `_` and `.`, at most 63.
    static func isValue(_ value: some StringProtocol) -> Bool {
        let bytes = Array(value.utf8)
        guard let first = bytes.first, let last = bytes.last else { return true }
        return bytes.count <= 63 && isLetterOrDigit(first) && isLetterOrDigit(last)
            && bytes.allSatisfy { isLetterOrDigit($0) || [45, 46, 95].contains($0) }
    }

    private static let units: [String: Double] = [
        "": 1, "n": 1e-9, "u": 1e-6, "m": 1e-3, "k": 1e3, "M": 1e6, "G": 1e9, "T": 1e12,
        "P": 1e15, "Ki": 0x1p10, "Mi": 0x1p20, "Gi": 0x1p30, "Ti": 0x1p40, "Pi": 0x1p50,
    ]

    /// What a quantity comes to; nil when it is none or not more than 0.
    static func quantity(_ text: String) -> Double? {
        let number = text.prefix { $0 == "." || ("0"..."9").contains($0) }
        guard let value = Double(number), let unit = units[String(text.dropFirst(number.count))],
            value > 0
        else { return nil }
        return value * unit
    }

    private static func isLowerOrDigit(_ byte: UInt8) -> Bool {
        (48...57).contains(byte) || (97...122).contains(byte)
    }

    private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
        isLowerOrDigit(byte) || (65...90).contains(byte)
    }
}

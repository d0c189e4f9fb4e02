internal import Smelt

/// Names that become parts of paths, references, labels and variables.
enum Names {
    static let longest = 100

    /// Why `name` cannot name a job or a session; nil when it can. The rule is the same for both, so
    /// that a name is itself wherever it is used: in a path, a git reference, a container's label.
    static func complaint(about name: String) -> String? {
        guard let first = name.utf8.first else { return "is empty: give it a name" }
        guard name.utf8.count <= longest else {
            return "is longer than \(longest) characters: shorten it"
        }
        // A name that must be spelled otherwise in a path or a branch would be two names.
        guard isLetterOrDigit(first), SafeName.of(name) == name else {
            let near = suggestion(for: name)
            return
                "'\(name)' cannot be a directory and a branch: use letters, digits, '.', '_' and "
                + "'-'" + (near.map { ", as in '\($0)'" } ?? "")
        }
        return nil
    }

    private static func suggestion(for name: String) -> String? {
        var text = ""
        for byte in name.utf8 {
            if isLetterOrDigit(byte) || byte == UInt8(ascii: "_") {
                text.append(Character(Unicode.Scalar(byte)))
            } else if !text.isEmpty, !text.hasSuffix("-") {
                text += "-"
            }
        }
        while text.hasSuffix("-") { text.removeLast() }
        while text.hasPrefix("_") { text.removeFirst() }
        return text.isEmpty || text.utf8.count > longest ? nil : text
    }

    private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
        switch byte {
        case 48...57, 65...90, 97...122: true
        default: false
        }
    }
}

import Glibc
import Sandbox
import Smelt

/// What the options bring in and take out.
enum AloneGrants {
    /// Parents before what lies in them, so that the most specific option decides; at the same place writing wins
    /// over reading and hiding over both.
    static func make(_ words: Words) throws -> [Grant] {
        var grants: [Grant] = []
        for path in words.all(AloneOptions.readOnly) {
            let real = try Files.canonical(path)
            grants.append(.readOnly(source: real, target: real))
        }
        for path in words.all(AloneOptions.readWrite) {
            let real = try Files.canonical(path)
            grants.append(.readWrite(source: real, target: real))
        }
        for text in words.all(AloneOptions.bind) {
            var parts = text.split(separator: ":", omittingEmptySubsequences: false).map(
                String.init)
            let reads = parts.count == 3 && parts[2] == "ro"
            if reads { parts.removeLast() }
            guard parts.count == 2, parts.allSatisfy({ !$0.isEmpty }) else {
                throw Usage("--bind needs SRC:DST or SRC:DST:ro, not '\(text)'")
            }
            let real = try Files.canonical(parts[0])
            grants.append(
                reads
                    ? .readOnly(source: real, target: parts[1])
                    : .readWrite(source: real, target: parts[1]))
        }
        for text in words.all(AloneOptions.memory) { grants.append(try memory(text)) }
        for path in words.all(AloneOptions.device) {
            grants.append(.device(path: try Files.canonical(path)))
        }
        for path in words.all(AloneOptions.hide) { grants.append(.hidden(target: place(path))) }
        for path in words.all(AloneOptions.mask) { grants.append(.masked(target: place(path))) }
        return grants.enumerated().sorted {
            let (left, right) = ($0.element.depth, $1.element.depth)
            return left == right ? $0.offset < $1.offset : left < right
        }.map(\.element)
    }

    /// What is hidden may exist inside only, at the target of a --bind, or not at all; the directories above it are
    /// taken as they are.
    private static func place(_ path: String) -> String {
        let whole = Files.resolve(path, against: Files.workingDirectory)
        if let real = try? Files.canonical(whole) { return real }
        guard let above = try? Files.canonical(Files.parent(of: whole)) else { return whole }
        return Files.resolve(Files.name(of: whole), against: above)
    }

    private static func memory(_ text: String) throws -> Grant {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        let size = parts.count == 2 ? Quantity.bytes(parts[1]) : 256 << 20
        guard parts.count <= 2, let size, size > 0 else {
            throw Usage("--tmpfs needs PATH or PATH:SIZE, not '\(text)'")
        }
        return .temporary(target: parts[0], sizeBytes: size)
    }
}

extension Grant {
    var depth: Int { target.utf8.count { $0 == UInt8(ascii: "/") } }

    /// Whether a path can be seen inside because of this.
    func shows(_ path: String) -> Bool {
        switch self {
        case .hidden: false
        default: path == target || path.hasPrefix(target + "/")
        }
    }
}

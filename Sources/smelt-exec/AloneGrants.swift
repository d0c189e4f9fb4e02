import Glibc
import Policies
import Sandbox
import Smelt

/// What the options and the policies bring in and take out.
enum AloneGrants {
    static func add(_ words: Words, to policy: inout Policy) throws {
        policy.readOnly = words.all(AloneOptions.readOnly).map { Said($0) }
        policy.readWrite = words.all(AloneOptions.readWrite).map { Said($0) }
        policy.binds = try words.all(AloneOptions.bind).map { Said(try bind($0)) }
        policy.memory = try words.all(AloneOptions.memory).map { Said(try memory($0)) }
        policy.devices = words.all(AloneOptions.device).map { Said($0) }
        policy.hidden = words.all(AloneOptions.hide).map { Said($0) }
        policy.masked = words.all(AloneOptions.mask).map { Said($0) }
        policy.linkless = words.all(AloneOptions.linkless).map { Said($0) }
    }

    private static func bind(_ text: String) throws(Usage) -> Policy.Bind {
        var parts = text.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        let reads = parts.count == 3 && parts[2] == "ro"
        if reads { parts.removeLast() }
        guard parts.count == 2, parts.allSatisfy({ !$0.isEmpty }) else {
            throw Usage("--bind needs SRC:DST or SRC:DST:ro, not '\(text)'")
        }
        return Policy.Bind(source: parts[0], target: parts[1], isReadOnly: reads)
    }

    private static func memory(_ text: String) throws(Usage) -> Policy.Memory {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        let size = parts.count == 2 ? Quantity.bytes(parts[1]) : Policy.Memory.usual
        guard parts.count <= 2, let size, size > 0 else {
            throw Usage("--tmpfs needs PATH or PATH:SIZE, not '\(text)'")
        }
        return Policy.Memory(target: parts[0], sizeBytes: size)
    }

    /// Parents before what lies in them, so that the most specific one decides; at the same place writing wins
    /// over reading and hiding over both.
    static func make(_ policy: Policy, _ lost: Lost) throws -> [Grant] {
        var grants: [Grant] = []
        for path in policy.readOnly {
            guard let real = try lost.real(path) else { continue }
            grants.append(.readOnly(source: real, target: real))
        }
        for path in policy.readWrite {
            guard let real = try lost.real(path) else { continue }
            grants.append(.readWrite(source: real, target: real))
        }
        for bind in policy.binds {
            guard let real = try lost.real(Said(bind.value.source, bind.origin)) else { continue }
            let target = bind.value.target
            grants.append(
                bind.value.isReadOnly
                    ? .readOnly(source: real, target: target)
                    : .readWrite(source: real, target: target))
        }
        for memory in policy.memory {
            grants.append(
                .temporary(target: memory.value.target, sizeBytes: memory.value.sizeBytes))
        }
        for path in policy.devices {
            guard let real = try lost.real(path) else { continue }
            grants.append(.device(path: real))
        }
        for path in policy.hidden { grants.append(.hidden(target: place(path.value))) }
        for path in policy.masked { grants.append(.masked(target: place(path.value))) }
        return grants.enumerated().sorted {
            let (left, right) = ($0.element.depth, $1.element.depth)
            return left == right ? $0.offset < $1.offset : left < right
        }.map(\.element)
    }

    /// What is hidden, or has no links, may exist inside only, at the target of a --bind, or not at all; the directories above it are
    /// taken as they are.
    static func place(_ path: String) -> String {
        let whole = Files.resolve(path, against: Files.workingDirectory)
        if let real = try? Files.canonical(whole) { return real }
        guard let above = try? Files.canonical(Files.parent(of: whole)) else { return whole }
        return Files.resolve(Files.name(of: whole), against: above)
    }
}

extension Grant {
    var depth: Int { target.utf8.count { $0 == UInt8(ascii: "/") } }

    /// Whether a path can be seen inside because of this.
    func shows(_ path: String) -> Bool {
        switch self {
        case .hidden: false
        default: Files.lies(path, in: target)
        }
    }
}

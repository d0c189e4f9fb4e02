import Sandbox
import Smelt

/// Keeps smelt's state directory out of a command's reach, whatever is granted around it: filters and decisions in it
/// are believed later, since they are the caller's own files.
enum StateGuard {
    /// The grants, with something empty over the state directory wherever they would show it.
    static func protect(_ grants: [Grant]) throws -> [Grant] {
        guard !grants.isEmpty, let named = Places.statePath else { return grants }
        let state = real(named)
        var all = grants
        for grant in grants {
            guard let (source, target, writes) = grant.piece else { continue }
            if writes, source == state || isBelow("\(source)/", "\(state)/seccomp") {
                throw AloneFault.ownState(source)
            }
            guard isBelow(state, source) else { continue }
            // Whoever may write there must not be the first to make it.
            if writes { try Files.makeDirectories(state) }
            guard Files.exists(state) else { continue }
            let rest = source == "/" ? state : String(state.dropFirst(source.count))
            let hidden = target == "/" ? rest : target + rest
            // What is granted inside of it on purpose comes behind.
            let place = all.firstIndex { isBelow($0.target, hidden) } ?? all.endIndex
            all.insert(.hidden(target: hidden), at: place)
        }
        return all
    }

    private static func isBelow(_ path: String, _ directory: String) -> Bool {
        path.hasPrefix(directory == "/" ? "/" : directory + "/")
    }

    /// Without links, as far as it is there.
    private static func real(_ path: String) -> String {
        if let real = try? Files.canonical(path) { return real }
        let above = Files.parent(of: path)
        return above == path ? path : Files.resolve(Files.name(of: path), against: real(above))
    }
}

extension Grant {
    /// A piece of the host, where it appears, and whether it is written.
    fileprivate var piece: (source: String, target: String, writes: Bool)? {
        switch self {
        case .readOnly(let source, let target): (source, target, false)
        case .readWrite(let source, let target): (source, target, true)
        default: nil
        }
    }
}

internal import CSystem
internal import Glibc
package import Records
package import Smelt
internal import Synchronization

/// Secrets held in files without a name instead of in this process's memory: the first process of each sandbox begins
/// as a copy of that memory.
package enum KeptSecrets {
    private static let kept = Mutex<[Source: Int32]>([:])

    /// The most that one may have, bytes.
    static let longest = 65_536

    /// Where a secret is.
    package enum Source: Hashable, Sendable {
        case variable(String)
        case file(String)
        /// Of the caller's; read to its end.
        case descriptor(Int32)

        var name: String {
            switch self {
            case .variable(let name), .file(let name): name
            case .descriptor(let number): "\(number)"
            }
        }
    }

    /// Takes it out of the environment, or reads it, where that was not done yet; the descriptor stays ours. Whoever
    /// reads it does so from the beginning, by `pread`. To be called before anything is done that copies the
    /// environment, such as starting a program.
    package static func keep(_ source: Source) throws(KeptSecretFault) -> Int32 {
        if let known = kept.withLock({ $0[source] }) { return known }
        let number: Int32
        switch source {
        case .variable(let name): number = system_keep_secret(name, -1, longest)
        case .descriptor(let from): number = system_keep_secret(nil, from, longest)
        case .file(let path):
            do throws(SystemFault) {
                let file = try Descriptor(opening: path, O_RDONLY | O_NOCTTY)
                number = system_keep_secret(nil, file.number, longest)
            } catch {
                throw .unreadable("\(error)")
            }
        }
        guard number >= 0 else {
            let fault = errno
            throw fault == ENODATA
                ? .empty(source.name)
                : .unreadable("\(SystemFault(fault, "keep", source.name))")
        }
        kept.withLock { $0[source] = number }
        return number
    }

    /// Those of these brokers.
    package static func keep(_ brokers: [Broker]) throws(EgressFault) {
        for broker in brokers { _ = try descriptor(of: broker) }
    }

    static func descriptor(of broker: Broker) throws(EgressFault) -> Int32 {
        let source = broker.secretFile.map(Source.file) ?? broker.secretEnv.map(Source.variable)
        guard let source else {
            throw .noSecret(broker: broker.name, reason: "neither a variable nor a file is named")
        }
        do throws(KeptSecretFault) { return try keep(source) } catch {
            throw .noSecret(broker: broker.name, reason: "\(error)")
        }
    }
}

/// Why a secret cannot be had.
package enum KeptSecretFault: Fault, Equatable {
    /// A variable that is not set, or a file with nothing in it.
    case empty(String)
    case unreadable(String)

    package var exit: Exit { .misconfigured }
    package var code: String { "no_credential" }

    package var description: String {
        switch self {
        case .empty(let name): "'\(name)' is not set or empty"
        case .unreadable(let reason): reason
        }
    }
}

extension Plan {
    /// Where files with secrets of brokers would be seen inside.
    var secretPlaces: [String] {
        guard network == .allow else { return [] }
        var places: Set<String> = []
        for path in (reach.broker ?? []).compactMap(\.secretFile) {
            if HostView.shows(path) { places.insert(path) }
            for grant in files {
                switch grant {
                case .readOnly(let source, let target), .readWrite(let source, let target):
                    guard Files.lies(path, in: source) else { continue }
                    places.insert(target + path.dropFirst(source.count))
                default: continue
                }
            }
        }
        return places.sorted()
    }
}

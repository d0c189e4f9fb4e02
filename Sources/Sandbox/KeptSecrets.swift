internal import CSystem
internal import Glibc
package import Records
internal import Smelt
internal import Synchronization

/// Secrets of brokers, held in files without a name instead of in this process's memory: the first process of each
/// sandbox begins as a copy of that memory.
package enum KeptSecrets {
    private static let kept = Mutex<[String: Int32]>([:])

    /// The most that one may have, bytes.
    static let longest = 65_536

    /// Takes the secrets of these brokers out of the environment, and reads their files. To be called
    /// before anything is done that copies the environment, such as starting a program.
    package static func keep(_ brokers: [Broker]) throws(EgressFault) {
        for broker in brokers { _ = try descriptor(of: broker) }
    }

    /// Stays ours. Whoever reads it does so from the beginning, by `pread`.
    static func descriptor(of broker: Broker) throws(EgressFault) -> Int32 {
        let key = broker.secretFile.map { "file \($0)" } ?? "env \(broker.secretEnv ?? "")"
        if let known = kept.withLock({ $0[key] }) { return known }
        let number: Int32
        if let path = broker.secretFile {
            do throws(SystemFault) {
                let file = try Descriptor(opening: path, O_RDONLY | O_NOCTTY)
                number = system_keep_secret(nil, file.number, longest)
            } catch {
                throw .noSecret(broker: broker.name, reason: "\(error)")
            }
        } else if let variable = broker.secretEnv {
            number = system_keep_secret(variable, -1, longest)
        } else {
            throw .noSecret(broker: broker.name, reason: "neither a variable nor a file is named")
        }
        guard number >= 0 else {
            let fault = errno
            let place = broker.secretFile ?? broker.secretEnv ?? ""
            throw .noSecret(
                broker: broker.name,
                reason: fault == ENODATA
                    ? "'\(place)' is not set or empty"
                    : "\(SystemFault(fault, "keep", place))")
        }
        kept.withLock { $0[key] = number }
        return number
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
                    guard path == source || path.hasPrefix(source + "/") else { continue }
                    places.insert(target + path.dropFirst(source.count))
                default: continue
                }
            }
        }
        return places.sorted()
    }
}

internal import FoundationEssentials
internal import Glibc
internal import Smelt

/// The namespaces in which this state directory has made something: where leftovers are looked for. A file each, written
/// before anything is made there.
struct KubernetesPlaces {
    struct Place: Codable, Equatable {
        var context: String?
        var namespace: String
        /// The cluster, in `Kubectl.cluster`'s words.
        var engine: String
    }

    private let directory: String

    init() throws { self.init(in: "\(try Places.state())/engines/kubernetes") }

    init(in directory: String) { self.directory = directory }

    func remember(_ kubectl: Kubectl, engine: String) throws {
        let place = Place(context: kubectl.context, namespace: kubectl.namespace, engine: engine)
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        let bytes = Array(try encoder.encode(place))
        let path = "\(directory)/\(SHA256.digest(bytes).prefix(16)).json"
        try Files.makeDirectories(directory)
        try Files.replace(path, with: bytes)
    }

    /// Where nobody has made anything for so long and nobody can look, nobody looks again, seconds: two weeks. A cluster
    /// that is gone must not hold up everybody for ever, and on one that is not jobs end by themselves.
    private static let patience = 14 * 86_400

    /// Those for which `clear` says that nothing of ours is there any more are forgotten, unless somebody has remembered
    /// them since yesterday. All are looked at; the first fault is thrown then.
    func sweep(_ clear: (Place) throws -> Bool) throws {
        var fault: (any Error)?
        for name in Files.names(in: directory) where name.hasSuffix(".json") {
            let path = "\(directory)/\(name)"
            do {
                let bytes = try Files.read(path, upTo: 1 << 16)
                guard let place = try? JSONDecoder().decode(Place.self, from: Data(bytes)) else {
                    throw RuntimeFault.badFacts(path)
                }
                if try clear(place), isUnused(path, for: 86_400) { unlink(path) }
            } catch {
                if error is Cancelled { throw error }
                if isUnused(path, for: Self.patience) {
                    unlink(path)
                } else {
                    fault = fault ?? error
                }
            }
        }
        if let fault { throw fault }
    }

    private func isUnused(_ path: String, for seconds: Int) -> Bool {
        var facts = stat()
        return stat(path, &facts) == 0 && facts.st_mtim.tv_sec < time(nil) - seconds
    }
}

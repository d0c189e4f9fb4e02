import Policies
import Smelt

/// What policies name that is not here, collected while a plan is made, so that all of it is told at once.
final class Lost {
    private var all: [(origin: Origin, sentence: String)] = []

    func add(_ origin: Origin, _ sentence: String) { all.append((origin, sentence)) }

    /// The path without links. Nil when it is not there and a policy said it; what the command line says is a fault.
    func real(_ path: Said<String>) throws(SystemFault) -> String? {
        do throws(SystemFault) { return try Files.canonical(path.value) } catch {
            guard let origin = path.origin else { throw error }
            add(origin, "\(error)")
            return nil
        }
    }

    func check() throws(PolicyFault) {
        if !all.isEmpty { throw .problems(all) }
    }
}

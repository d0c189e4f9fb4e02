internal import Glibc
package import Records
package import Smelt

/// Which values of credentials the sessions of a run had, without the values: a keyed digest of each, in the state directory.
/// A result is searched for the values that variables have when it is made; work that another run takes over has to have been
/// done with the same, or what a session wrote down of an older one would not be found.
package struct CredentialMarks {
    private let directory: String

    /// `state` is the state directory.
    package init(state: String) { directory = "\(state)/credentials" }

    /// Before the first session of a run may start. What was noted of the run before stays: sessions had that, too.
    package func note(_ credentials: Credentials?, of run: RunID) throws {
        let marks = try marks(credentials)
        guard !marks.isEmpty else { return }
        let all = Set(noted(of: run)).union(marks).sorted()
        try Files.replace(path(of: run), with: Array((all.joined(separator: "\n") + "\n").utf8))
    }

    /// Refuses to take over the work of runs whose sessions had other values than the variables have now, or of which nobody
    /// knows what they had.
    package func check(_ credentials: Credentials?, of runs: [RunID]) throws {
        let now = Set(try marks(credentials))
        guard !now.isEmpty else { return }
        for run in runs {
            let then = Set(noted(of: run))
            guard !then.isEmpty else { throw CredentialFault.unknown(run) }
            guard then != now else { continue }
            let other = then.symmetricDifference(now).map { $0.dropFirst(65) }.min() ?? ""
            throw CredentialFault.changed(variable: String(other), run)
        }
    }

    package func forget(_ run: RunID) { unlink(path(of: run)) }

    private func path(of run: RunID) -> String { "\(directory)/\(run)" }

    private func noted(of run: RunID) -> [String] {
        let text = (try? Files.readText(path(of: run))) ?? ""
        return text.split(separator: "\n").map(String.init)
    }

    /// Lines of a digest and a variable's name. One that is not set is given to nobody.
    private func marks(_ credentials: Credentials?) throws -> [String] {
        let values = (credentials?.variables ?? []).compactMap { name in
            Environment.nonEmpty(name).map { (name, $0) }
        }
        guard !values.isEmpty else { return [] }
        let key = try key()
        return values.map { name, value in
            "\(HMAC.digest(Array("\(name)\0\(value)".utf8), key: key)) \(name)"
        }
    }

    /// Made once; 32 random bytes.
    private func key() throws -> [UInt8] {
        let path = "\(directory)/key"
        if !Files.exists(path) {
            try Files.makeDirectories(directory)
            let made = (0..<32).map { _ in UInt8.random(in: 0 ... .max) }
            do { try Files.replace(path, with: made, exclusive: true) } catch {
                // Another run has been quicker.
                guard error.number == EEXIST else { throw error }
            }
        }
        return try Files.read(path, upTo: 32)
    }
}

/// Why the work of another run cannot be taken over.
package enum CredentialFault: Fault {
    case changed(variable: String, RunID)
    case unknown(RunID)

    package var exit: Exit { .refused }
    package var code: String { "other_credential" }

    package var description: String {
        switch self {
        case .changed(let variable, let run):
            "could not take over the work of run '\(run)': '\(Visible.line(variable))' has another value "
                + "now, and what that run's sessions wrote down of the old one would not be found"
        case .unknown(let run):
            "could not take over the work of run '\(run)': nothing tells which values its credentials "
                + "had, so what its sessions wrote down of them might not be found"
        }
    }

    package var hint: String? { "run the manifest again" }
}

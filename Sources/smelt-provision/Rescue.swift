import Records
import Results
import Runtimes
import Smelt

/// Saves what an environment has beyond what is already in smelt's repository, as
/// `refs/smelt/rescued/<run>/<session>`.
///
/// A session whose commit was admitted (`refs/smelt/runs/<run>/<session>`) is safe: that happens
/// after its end. One whose files were never touched has nothing. All others are asked, in the
/// sandbox.
struct Rescue {
    let repositories: Repositories
    /// By session: where a `session.finished` says that it came to its end with nothing left to
    /// commit.
    var ends: [String: String] = [:]
    var cancellable = true

    /// The references that hold work of the environment which was rescued, now or before. The first
    /// session that cannot be saved stops it.
    func run(_ environment: SandboxEnvironment) throws -> [String] {
        var saved: [String] = []
        for name in environment.sessions {
            if let reference = try save(name, of: environment) { saved.append(reference) }
        }
        return saved
    }

    private func save(_ name: String, of environment: SandboxEnvironment) throws -> String? {
        let salvage = Salvage(environment)
        if salvage.isUntouched(name) { return nil }
        let results = try repositories.results()
        let part = "\(environment.run)/\(name)"
        if try results.commit("refs/smelt/runs/\(part)") != nil { return nil }
        let origin = try salvage.origin(of: name)
        if ends[name] == origin.commit { return nil }
        let reference = "refs/smelt/rescued/\(part)"
        do {
            // On an engine the base is there already.
            let checkout =
                environment.isOnEngine
                ? "" : try Checkouts(repositories).ensure(commit: origin.base, from: results).path
            guard
                let bundle = try salvage.bundle(
                    name, origin: origin, checkout: checkout, cancellable: cancellable)
            else { return nil }
            try Quarantine(into: results).admit(
                bundle: bundle.number, branch: "refs/heads/smelt/\(name)", start: origin.base,
                as: reference)
            return reference
        } catch let fault as any Fault {
            if fault is Cancelled || fault is RuntimeFault { throw fault }
            throw RuntimeFault.notSaved(
                session: name, directory: environment.directory, reason: "\(fault)")
        }
    }
}

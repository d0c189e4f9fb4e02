import Records
import Results
import Runtimes
import Smelt

/// `gc`: clears away the environments that nobody holds and the checkouts that nobody used for a
/// while.
struct Collection {
    let olderThan: Double?
    /// By id: those that are removed with the work that is in them.
    let discarded: [String]

    func run() throws -> Exit {
        Interruption.install()
        let state = try Places.state()
        let repositories = Repositories(state: state)
        for id in discarded { try Environments(repositories.environments).discard(id) }
        let clearing = Clearing(
            repositories: repositories,
            keptUntil: olderThan.map(Clearing.before),
            unusedSince: Clearing.before(olderThan ?? Clearing.checkoutSeconds),
            runtimes: JobEnvironment.Runtime.allCases.filter {
                Files.exists("\(state)/engines/\($0.rawValue)")
            })
        let stayed = try clearing.run()
        if let exit = Interruption.exit { return exit }
        return stayed == 0 ? .done : .io
    }
}

/// What gc does, and each run's preparation too, for what was killed before.
struct Clearing {
    let repositories: Repositories
    let keptUntil: Timestamp?
    let unusedSince: Timestamp
    /// Whose engines are looked at for what was left there.
    let runtimes: [JobEnvironment.Runtime]
    /// But not those that were looked at within so many seconds.
    var engineSeconds = 0.0

    /// Two weeks.
    static let checkoutSeconds = 14.0 * 86400

    static func before(_ seconds: Double) -> Timestamp {
        let past = min(seconds * 1000, Double(Timestamp.now.milliseconds))
        return Timestamp(milliseconds: Timestamp.now.milliseconds - Int64(past))
    }

    /// Beside a run: its faults are told and change nothing.
    static func automatic(_ runtime: JobEnvironment.Runtime) {
        do {
            _ = try Clearing(
                repositories: Repositories(state: Places.state()), keptUntil: nil,
                unusedSince: before(checkoutSeconds), runtimes: [runtime],
                engineSeconds: 600
            ).run()
        } catch {
            if !(error is Cancelled) { say("smelt-provision: \(error)\n") }
        }
    }

    /// The number of environments that could not be cleared away.
    func run() throws -> Int {
        let environments = try Environments(repositories.environments)
        let rescue = Rescue(repositories: repositories)
        var stayed = 0
        for swept in try environments.sweep(keptUntil: keptUntil, rescue: rescue.run) {
            switch swept {
            case .removed(let id, let rescued):
                for reference in rescued {
                    say("smelt-provision: rescued work of '\(id)' as '\(reference)'\n")
                }
            case .stays(let id, let fault):
                stayed += 1
                let hint = fault.hint.map { "; \($0)" } ?? ""
                say("smelt-provision: could not clear away '\(id)': \(fault)\(hint)\n")
            }
        }
        for runtime in runtimes {
            do {
                try environments.sweep(engineOf: runtime, unlessWithin: engineSeconds)
            } catch let fault as any Fault {
                if fault is Cancelled { throw fault }
                stayed += 1
                say(
                    "smelt-provision: could not clear away what is left on '\(runtime)': \(fault)\n"
                )
            }
        }
        let oldest = environments.all().map(\.facts.created).min()
        _ = try Checkouts(repositories).evict(
            unusedSince: min(unusedSince, oldest ?? unusedSince),
            removing: { try Removal.remove($0) })
        return stayed
    }
}

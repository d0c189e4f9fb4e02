internal import Smelt

/// What everything of a run that is made on an engine is labelled with.
package enum EngineLabel {
    package static let run = "smelt.run"
    package static let job = "smelt.job"
    /// The state directory that made it: what gc may remove.
    package static let owner = "smelt.owner"
    /// The lock that says whether somebody is at work with it, as `HOST:PATH`. No renewal time: labels of docker's are
    /// not changed, and a lock needs no clock.
    package static let lease = "smelt.lease"

    package static func all(of environment: SandboxEnvironment, owner: String) -> [String: String] {
        [
            run: environment.run, job: environment.facts.job, self.owner: owner,
            lease: holder(environment.lease),
        ]
    }

    static func holder(_ lease: String) -> String { "\(Machine.name):\(lease)" }
}

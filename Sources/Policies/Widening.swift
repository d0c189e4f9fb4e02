internal import Records
internal import Sandbox
internal import Toml

/// Where a policy allows more than what comes before it: its right, and worth a warning.
struct Widening {
    let earlier: Policy
    let later: Policy
    private(set) var found: [Problem] = []

    init(of earlier: Policy, by later: Policy) {
        (self.earlier, self.later) = (earlier, later)
        compare("seccomp", Self.freedom(of: earlier.seccomp), Self.freedom(of: later.seccomp))
        compare("landlock", earlier.landlock.map(Self.freedom), later.landlock.map(Self.freedom))
        compare("network.mode", earlier.mode.map(Self.freedom), later.mode.map(Self.freedom))
        compare("network.traffic", earlier.trafficBytes, later.trafficBytes)
        compare(
            "clear_env", earlier.clearsVariables.map { $0 ? 0 : 1 },
            later.clearsVariables.map { $0 ? 0 : 1 })
        compare(
            "map_users", earlier.mapsUsers.map { $0 ? 1 : 0 }, later.mapsUsers.map { $0 ? 1 : 0 })
        compare(
            "best_effort", earlier.bestEffort.map { $0 ? 1 : 0 },
            later.bestEffort.map { $0 ? 1 : 0 })
        for (key, value) in Limits.numbers {
            compare("limits.\(key)", value(earlier.limits), value(later.limits))
        }
        for (name, amount) in later.resourceLimits.sorted(by: { $0.key < $1.key }) {
            compare("rlimits.\(name)", earlier.resourceLimits[name], amount)
        }
        comparePlaces()
    }

    private mutating func compare<Amount: Comparable>(
        _ key: String, _ before: Amount?, _ now: Amount?
    ) {
        guard let before, let now, now > before, let old = earlier.origins[key],
            let new = later.origins[key]
        else { return }
        warn(new, "allows more than \(old.text) does")
    }

    private mutating func warn(_ origin: Origin, _ sentence: String) {
        found.append(Problem(origin.place, "warning: \(origin.path) \(sentence)"))
    }

    /// Of files the most specific path decides, and where two are the same, whoever takes away.
    private mutating func comparePlaces() {
        for shown in later.readOnly + later.readWrite {
            guard let origin = shown.origin else { continue }
            let over = (earlier.hidden + earlier.masked).first {
                shown.value.hasPrefix($0.value + "/")
            }
            if let place = over?.origin {
                warn(origin, "shows '\(shown.value)' in what \(place.text) hides")
            }
        }
        for written in later.readWrite {
            guard let origin = written.origin,
                let place = earlier.readOnly.first(where: { $0.value == written.value })?.origin
            else { continue }
            warn(origin, "lets '\(written.value)' be written, which \(place.text) only shows")
        }
    }

    /// Of profiles; a policy of its own is neither more nor less than another.
    private static func freedom(of policy: SeccompPolicy?) -> Int? {
        guard let policy else { return nil }
        switch policy.base {
        case .none where policy.isProfile: return 2
        case .default where policy.isProfile: return 1
        default: return 0
        }
    }

    private static func freedom(_ use: Landlock.Use) -> Int {
        switch use {
        case .required: 0
        case .available: 1
        case .none: 2
        }
    }

    private static func freedom(_ mode: Records.Network.Mode) -> Int {
        switch mode {
        case .none: 0
        case .allow: 1
        case .host: 2
        }
    }
}

internal import CChild
internal import Glibc
internal import Smelt

/// What this host can enforce, found by trying where that is possible.
package struct Finding: Codable, Equatable, Sendable {
    /// The mechanism.
    package let name: String
    package let isThere: Bool
    /// How much of it there is, or why there is none.
    package let detail: String
    /// The one line that would change it.
    package let remedy: String?

    init(_ name: String, _ isThere: Bool, _ detail: String, remedy: String? = nil) {
        self.name = name
        self.isThere = isThere
        self.detail = detail
        self.remedy = remedy
    }
}

package enum Doctor {
    /// In the order in which a run needs them.
    package static func examine() -> [Finding] {
        [
            kernel, sandbox, identity, SubordinateIDs.finding, groups, landlock,
            SeccompCache.finding, tracing, overlays, disks,
        ]
    }

    private static var kernel: Finding {
        let release = Machine.release
        let numbers = release.split { !$0.isNumber }.prefix(2).compactMap { Int($0) }
        let isNew = numbers.count == 2 && (numbers[0], numbers[1]) >= (5, 14)
        return Finding(
            "kernel", isNew, release, remedy: isNew ? nil : "Linux 5.14 or later is needed")
    }

    /// The whole of it, with a command that does nothing.
    private static var sandbox: Finding {
        let name = "sandbox"
        do {
            let ending = try run(Plan(command: ["true"]))
            guard ending == .exited(code: 0) else {
                return Finding(name, false, "'true' ended with \(ending)")
            }
            return Finding(
                name, true, "namespaces, a root of its own, no privileges: a command ran in it")
        } catch {
            let fault = error as? any Fault
            return Finding(name, false, "\(error)", remedy: fault?.hint)
        }
    }

    /// The same, looked on at.
    private static var tracing: Finding {
        let name = "tracing"
        do {
            var plan = Plan(command: ["true"])
            plan.traced = true
            let ending = try run(plan)
            guard ending == .exited(code: 0) else {
                return Finding(name, false, "'true' ended with \(ending)")
            }
            return Finding(name, true, "--trace-denials can look on with ptrace(2)")
        } catch {
            return Finding(name, false, "\(error)", remedy: (error as? any Fault)?.hint)
        }
    }

    private static func run(_ plan: Plan) throws -> Running.Ending {
        var plan = plan
        if geteuid() == 0 { plan.hostUser = try HostUsers.configured().alone }
        let null = try Descriptor(opening: "/dev/null", O_RDWR)
        let streams = Launch.Streams(input: null.number, output: null.number, errors: null.number)
        return try Launch.start(plan, streams).reap().ending
    }

    private static var identity: Finding {
        let name = "another user on the host"
        guard geteuid() == 0 else {
            return Finding(
                name, false, "a command is the caller there", remedy: "run smelt as root")
        }
        do {
            let range = try HostUsers.configured().range
            return Finding(name, true, "\(range.lowerBound)-\(range.upperBound)")
        } catch { return Finding(name, false, "\(error)", remedy: error.hint) }
    }

    private static var groups: Finding {
        let name = "control groups"
        let all: Set<String> = ["cpu", "cpuset", "io", "memory", "pids"]
        do {
            let place = try CgroupPlace.find(required: all, wanted: [], onlyLooks: true)
            return Finding(name, true, "every controller, in '\(place.path)'")
        } catch {
            guard let lack = error as? CgroupLack else {
                return Finding(name, false, "\(error)", remedy: (error as? any Fault)?.hint)
            }
            return Finding(name, false, lack.reason, remedy: lack.remedy)
        }
    }

    private static var landlock: Finding {
        guard let version = Landlock.version else {
            return Finding(
                "Landlock", false, "this kernel has none", remedy: SandboxFault.noLandlock.hint)
        }
        let missing = Landlock.ladder.first { $0.version > version && $0.counts }
        return Finding(
            "Landlock", true, "version \(version): \(Landlock.judged(version: version))",
            remedy: missing.map { "Linux \($0.kernel) also judges \($0.brings)" })
    }

    /// Root's sessions read a checkout of root's below what they write.
    private static var overlays: Finding {
        let name = "idmapped mounts"
        guard geteuid() == 0 else {
            return Finding(name, false, "only root has a use for them")
        }
        let state = (try? Places.state()) ?? "/"
        let user = (try? HostUsers.configured().alone) ?? HostUsers.standard.alone
        return canMapOwners(of: state, to: user)
            ? Finding(name, true, "on the file system of '\(state)'")
            : Finding(
                name, false, "not on the file system of '\(state)': checkouts are copied",
                remedy: "put SMELT_STATE_DIR on ext4, xfs or btrfs")
    }

    /// What sessions write lies in the state directory.
    private static var disks: Finding {
        let name = "disk quotas"
        guard geteuid() == 0 else {
            return Finding(name, false, "only root can set them: what is written is watched")
        }
        do {
            let state = try Places.state()
            if ProjectQuota.isEnforced(at: state) {
                return Finding(name, true, "of projects, on the file system of '\(state)'")
            }
            // Of any size: no limit is asked for.
            let instead =
                try DiskTrial.lack(in: state, bytes: 1 << 20).map {
                    "what is written is watched, since smelt \($0)"
                } ?? "each workspace gets a file system of its size"
            return Finding(
                name, false, "not on the file system of '\(state)': \(instead)",
                remedy: "put SMELT_STATE_DIR on ext4 or xfs, mounted with 'prjquota'")
        } catch {
            return Finding(name, false, "\(error)", remedy: (error as? any Fault)?.hint)
        }
    }
}

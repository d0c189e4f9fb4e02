package import Smelt

/// Why limits that need a control group cannot be had here, each with the line that would change it.
package enum CgroupLack: Error, Equatable {
    /// Nothing of version 2 is mounted where this process could see it.
    case notMounted
    /// Controllers that the host keeps in the older hierarchy.
    case olderVersion([String])
    /// A group in which this user may not make others, nor in any above it.
    case notWritable(group: String, isReadOnly: Bool, isRoot: Bool)
    /// Controllers that a group does not have. `above` is the highest group that could pass them on and does
    /// not, nil when the kernel has none.
    case controllerOff([String], group: String, above: String?)
    /// A group with processes in it cannot have groups with controllers beside them.
    case busy(group: String)
    /// No disk is shared by weight.
    case noWeights
    /// No disk is there to be bounded.
    case noDisks
    case refused(SystemFault)

    /// The controllers that are lacking; nil when all are.
    var controllers: Set<String>? {
        switch self {
        case .olderVersion(let names), .controllerOff(let names, _, _): Set(names)
        default: nil
        }
    }

    package var reason: String {
        switch self {
        case .notMounted: "there is no control group of version 2 to be seen"
        case .olderVersion(let names):
            "this host has \(Self.list(names)) in version 1 of the control groups"
        case .notWritable(let group, let isReadOnly, _):
            isReadOnly
                ? "'\(group)' is mounted read-only" : "this user may not make groups in '\(group)'"
        case .controllerOff(let names, let group, _):
            "there is no \(Self.list(names)) in '\(group)/cgroup.controllers'"
        case .busy(let group): "the control group '\(group)' has processes of its own"
        case .noWeights: "no disk has the scheduler 'bfq' or a cost model"
        case .noDisks: "there is no disk of this host's to bound"
        case .refused(let fault): "\(fault)"
        }
    }

    private var isBusy: Bool { if case .busy = self { true } else { false } }

    package var remedy: String {
        switch self {
        case .notMounted, .olderVersion:
            "boot with 'systemd.unified_cgroup_hierarchy=1' (or, without systemd, 'cgroup_no_v1=all')"
        case .notWritable(_, true, _):
            "run the container with a control group file system that it may write"
        case .notWritable(_, _, true): "name a group that may be used in SMELT_CGROUP"
        case .notWritable(let group, _, _), .busy(let group):
            switch CgroupUnit(of: group) {
            case .service(let unit):
                "put 'Delegate=yes' into the unit '\(unit)', or name a group that may be used in SMELT_CGROUP"
            // Whoever owns it, it has processes.
            case .top where isBusy: "name a group that may be used in SMELT_CGROUP"
            case .top:
                "as root: chown USER '\(group)' and in it cgroup.procs, cgroup.subtree_control and cgroup.threads"
            case .manager, .session, .other:
                "begin with 'systemd-run --user --scope -p Delegate=yes', or name a group that may be used in SMELT_CGROUP"
            }
        case .controllerOff(let names, let group, .some(let above)):
            switch CgroupUnit(of: group) {
            // Every group from the root to the manager's must pass it on, and systemd keeps those as it wants them.
            case .manager, .session:
                "in a drop-in of user@.service: 'Delegate=cpu cpuset io memory pids'"
            case .service(let unit): "put 'Delegate=yes' into the unit '\(unit)'"
            case .top, .other:
                "as root: echo \(names.map { "+\($0)" }.joined(separator: " ")) >'\(above)/cgroup.subtree_control'"
            }
        case .controllerOff:
            "the kernel must have it: see 'cgroup_disable' in /proc/cmdline"
        case .noWeights: "echo bfq >/sys/block/DISK/queue/scheduler"
        case .noDisks: "what lies on the network is bounded there"
        case .refused: "name a group that may be used in SMELT_CGROUP"
        }
    }

    private static func list(_ names: [String]) -> String {
        names.map { "'\($0)'" }.joined(separator: ", ")
    }
}

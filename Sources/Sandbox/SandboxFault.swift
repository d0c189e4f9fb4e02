internal import CChild
internal import Glibc
package import Smelt

/// What can stop a sandbox before its command runs.
package enum SandboxFault: Fault, Equatable {
    /// A step of the confinement that the kernel refused, and what it was about.
    case refused(step: Step, object: String, number: Int32)
    case notFound(command: String)
    case notExecutable(command: String, number: Int32)
    /// Limits by name that nothing here can enforce, and what is lacking for those that need a control group.
    case unenforceable([String], CgroupLack?)
    /// `SMELT_CGROUP` names no control group of version 2.
    case badGroup(String)
    /// A control group that could not be made.
    case noGroup(path: String, number: Int32)
    /// A limit that its control group did not take.
    case knob(limit: String, file: String, number: Int32)
    case processors(asked: String, present: String)
    /// The memory that it may use is less than a sandbox itself needs.
    case tooLittleMemory
    /// Root would run the command as root.
    case noHostUser
    /// Only root can run it as somebody else.
    case foreignHostUser(UInt32)
    case badUsers(_ variable: String, String)
    /// There are no users to map besides the one; why.
    case noSubordinates(String)
    case badTarget(String)
    /// A root in which nothing is.
    case badRoot(String)
    case badDevice(String)
    /// No place that is granted there could be kept free of links.
    case nothingLinkless(String)
    /// Asked for, and this kernel has none.
    case noLandlock
    /// The filter of system calls could not be made.
    case noFilter(Int32)
    /// The tracer could not be started.
    case notTraced(String)
    case noCapability(String)
    case badPlan(String)
    /// The first process inside went away without a word.
    case vanished

    package enum Step: String, Sendable {
        case namespaces, group, map, identity, source, owners, memory, mount, target, nesting, root,
            hostname
        case terminal, loopback, listen, privileges, landlock, descriptors, limit, directory
        case filter, trace, exec
    }

    package var exit: Exit {
        switch self {
        case .refused(let step, _, let number):
            switch step {
            case .source, .target, .directory:
                switch number {
                case ENOENT, ENOTDIR: .missing
                case EACCES, EPERM, ELOOP, EROFS, EXDEV: .refused
                default: .unavailable
                }
            default:
                number == ENOMEM || number == EAGAIN || number == EMFILE ? .later : .unavailable
            }
        case .notFound: .missing
        case .notExecutable, .foreignHostUser: .refused
        case .unenforceable, .noGroup, .knob, .processors: .unavailable
        case .tooLittleMemory: .refused
        case .noHostUser, .badUsers, .badGroup: .misconfigured
        case .badTarget, .badPlan, .badRoot, .badDevice, .nothingLinkless: .invalid
        case .noLandlock, .noFilter, .notTraced, .noSubordinates: .unavailable
        case .noCapability: .usage
        case .vanished: .later
        }
    }

    package var code: String {
        switch self {
        case .refused(let step, _, _): "sandbox_\(step.rawValue)"
        case .notFound: "command_not_found"
        case .notExecutable: "command_not_executable"
        case .unenforceable, .knob, .processors: "not_enforceable"
        case .badGroup, .noGroup: "control_group"
        case .tooLittleMemory: "out_of_memory"
        case .noHostUser, .foreignHostUser, .badUsers: "host_user"
        case .noSubordinates: "no_subordinate_ids"
        case .badTarget, .badPlan, .badRoot, .badDevice, .nothingLinkless: "bad_plan"
        case .noLandlock: "no_landlock"
        case .noFilter: "no_filter"
        case .notTraced: "not_traced"
        case .noCapability: "no_capability"
        case .vanished: "sandbox_vanished"
        }
    }

    package var description: String {
        switch self {
        case .refused(let step, let object, let number):
            "could not \(step.attempt) '\(object)': \(String(cString: strerror(number)))"
        case .notFound(let command): "could not run '\(command)': not found inside the sandbox"
        case .notExecutable(let command, let number):
            "could not run '\(command)': \(String(cString: strerror(number)))"
        case .unenforceable(let names, let lack):
            "could not enforce the limits \(names.map { "'\($0)'" }.joined(separator: ", ")) here"
                + (lack.map { ": \($0.reason)" } ?? "")
        case .badGroup(let path):
            "SMELT_CGROUP must be the directory of a control group of version 2, not '\(path)'"
        case .noGroup(let path, let number):
            "could not make the control group '\(path)': \(String(cString: strerror(number)))"
        case .knob(let limit, let file, let number):
            "could not limit '\(limit)' by '\(file)': \(String(cString: strerror(number)))"
        case .processors(let asked, let present):
            "could not limit 'cpus' to '\(asked)': this group has '\(present)'"
        case .tooLittleMemory:
            "could not start the sandbox: 'memory' allows less than it needs itself"
        case .noHostUser: "could not run a command as root: the plan names no host user"
        case .foreignHostUser(let user): "could not run a command as user '\(user)': only root may"
        case .badUsers(let variable, let text):
            "\(variable) must be FIRST-LAST, without root and nobody, not '\(text)'"
        case .noSubordinates(let reason): "could not map more users: \(reason)"
        case .badTarget(let target):
            "could not mount at '\(target)': not a plain absolute path below '/'"
        case .badDevice(let path): "could not let '\(path)' be used: it is no device below '/dev'"
        case .nothingLinkless(let path):
            "could not keep links from being followed in '\(path)': no directory or file of the host is granted there"
        case .badRoot(let path): "could not use '\(path)' as the root: nothing is in it"
        case .noLandlock: "could not use Landlock: this kernel has none"
        case .noFilter(let number):
            "could not make a filter of system calls: \(String(cString: strerror(number)))"
        case .notTraced(let reason): "could not start the tracer: \(reason)"
        case .noCapability(let name): "could not keep '\(name)': there is no such capability"
        case .badPlan(let reason): "could not use the plan: \(reason)"
        case .vanished: "could not start the sandbox: its first process was killed"
        }
    }

    package var hint: String? {
        switch self {
        case .noLandlock:
            "Linux has it since 5.13; where it was built in it is turned on by 'landlock' in the kernel's lsm= list"
        case .noSubordinates:
            geteuid() == 0
                ? "name users and groups that nobody else has in SMELT_SUBUIDS, as 2000000000-2000065535"
                : "an administrator gives some with usermod --add-subuids and --add-subgids; the package is 'uidmap'"
        case .noCapability: "capabilities(7) lists them"
        case .unenforceable(_, let lack):
            (lack.map { "\($0.remedy), or " } ?? "")
                + "leave them out, or accept what is not enforced with --best-effort"
        case .refused(.group, _, _): "name a group that may be used in SMELT_CGROUP"
        case .refused(.namespaces, _, ENOSYS):
            "inside another sandbox, whose filter keeps such calls from being made, this is not possible"
        case .refused(.namespaces, _, ENOSPC):
            "raise the sysctls user.max_*_namespaces; inside another sandbox this is not possible"
        case .refused(.namespaces, _, _), .refused(.map, _, _), .refused(.memory, _, EPERM),
            .refused(.memory, _, EACCES):
            "user namespaces must be allowed, which they never are in a chroot: see the sysctls kernel.unprivileged_userns_clone, "
                + "kernel.apparmor_restrict_unprivileged_userns and user.max_user_namespaces"
        case .refused(.mount, "/proc", EPERM):
            "a container hides parts of /proc: run it with its masked paths off"
        case .refused(.filter, _, _):
            "the kernel needs CONFIG_SECCOMP_FILTER; --seccomp none does without"
        case .refused(.trace, _, _):
            "the sysctl kernel.yama.ptrace_scope must be below 3, from which only a reboot leads back, and nothing around "
                + "smelt may forbid ptrace; leave out --trace-denials"
        case .refused(.owners, _, _): "the file system must support idmapped mounts"
        case .refused(.source, _, EPERM):
            "root needs the capability CAP_SYS_ADMIN to bring it in: run it as another user"
        case .refused(.source, _, ELOOP), .refused(.target, _, ELOOP):
            "a part of the path is a symbolic link: name the place itself"
        case .refused(.target, _, EROFS):
            "the place must exist: nothing can be made in a read-only tree"
        default: nil
        }
    }
}

extension SandboxFault.Step {
    /// The verb of the sentence.
    var attempt: String {
        switch self {
        case .namespaces: "make namespaces for"
        case .map: "map the user of"
        case .group: "enter the control group of"
        case .identity: "become the user of"
        case .source: "find"
        case .owners: "map the owners of"
        case .memory: "make private memory for"
        case .mount: "mount"
        case .target: "find a place to mount"
        case .nesting: "forbid user namespaces in"
        case .root: "enter the root of"
        case .hostname: "name the host"
        case .terminal: "make a terminal for"
        case .loopback: "turn on the loopback of"
        case .listen: "listen for the network of"
        case .privileges: "give up the privileges of"
        case .landlock: "restrict with Landlock"
        case .descriptors: "pass the descriptors of"
        case .limit: "limit"
        case .directory: "start in"
        case .filter: "filter the system calls of"
        case .trace: "trace"
        case .exec: "run"
        }
    }

    init(_ step: child_step) {
        switch step {
        case CHILD_STEP_CLONE: self = .namespaces
        case CHILD_STEP_GROUP: self = .group
        case CHILD_STEP_MAP: self = .map
        case CHILD_STEP_IDENTITY: self = .identity
        case CHILD_STEP_SOURCE: self = .source
        case CHILD_STEP_PRIVATE: self = .memory
        case CHILD_STEP_MOUNT: self = .mount
        case CHILD_STEP_TARGET: self = .target
        case CHILD_STEP_NESTING: self = .nesting
        case CHILD_STEP_ROOT: self = .root
        case CHILD_STEP_HOSTNAME: self = .hostname
        case CHILD_STEP_TERMINAL: self = .terminal
        case CHILD_STEP_LOOPBACK: self = .loopback
        case CHILD_STEP_LISTEN: self = .listen
        case CHILD_STEP_PRIVILEGES: self = .privileges
        case CHILD_STEP_LANDLOCK: self = .landlock
        case CHILD_STEP_DESCRIPTORS: self = .descriptors
        case CHILD_STEP_LIMIT: self = .limit
        case CHILD_STEP_DIRECTORY: self = .directory
        case CHILD_STEP_FILTER: self = .filter
        case CHILD_STEP_TRACE: self = .trace
        default: self = .exec
        }
    }
}

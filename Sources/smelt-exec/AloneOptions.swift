import Glibc
import Records
import Sandbox
import Smelt

/// The words of `smelt-exec [options] -- command`, and the plan that they make.
enum AloneOptions {
    static let readOnly = Option("read-only", "r", .text("PATH"), "show PATH, read-only")
    static let readWrite = Option("read-write", "w", .text("PATH"), "let the command write at PATH")
    static let bind = Option(
        "bind", "b", .text("SRC:DST[:ro]"), "show SRC at DST, to write or only to read")
    static let hide = Option("hide", nil, .text("PATH"), "put something empty over PATH")
    static let mask = Option(
        "mask", nil, .text("PATH"), "hide PATH, and let nothing be made there where nothing is")
    static let linkless = Option(
        "no-links", nil, .text("PATH"), "follow no symbolic link in what is granted at PATH")
    static let memory = Option(
        "tmpfs", nil, .text("PATH[:SIZE]"), "a directory in memory of its own (default 256M)")
    static let device = Option("device", nil, .text("PATH"), "let it use a device below /dev")
    static let root = Option(
        "root", nil, .directory, "show this tree in place of the host's software")
    static let hostname = Option("hostname", nil, .text("NAME"), "its host name (default smelt)")
    static let directory = Option(
        "directory", "C", .text("DIR"), "start there (default: where you are)")
    static let variable = Option(
        "env", "e", .text("NAME[=VALUE]"), "set a variable, or hand on yours")
    static let clear = Option("clear-env", nil, .flag, "no variables but those of --env")
    static let timeout = Option("timeout", "t", .duration, "stop the command after that time")
    static let idle = Option("idle", nil, .duration, "stop it when it prints nothing for that time")
    static let grace = Option(
        "grace", nil, .duration, "from the stop signal to the kill (default 10s)")
    static let stopSignal = Option(
        "stop-signal", nil, signal, "what asks it to stop (default TERM)")
    static let limit = Option(
        "limit", "l", LimitOption.kind, "bound it: memory, cpu, processes and more; see the page")
    static let rlimit = Option(
        "rlimit", nil, rlimits, "bound each process, by prlimit(1)'s names: cpu=60, nofile=256")
    static let keep = Option(
        "keep-capability", nil, .text("NAME"), "leave a capability, inside the sandbox only")
    static let mapUsers = Option(
        "map-users", nil, .flag, "let there be other users and groups for it to become")
    static let landlock = Option(
        "landlock", nil, .choice(Landlock.Use.allCases.map(\.rawValue)),
        "the second wall (default available)")
    static let seccomp = Option(
        "seccomp", nil, calls, "which system calls it may make (default default)")
    static let check = Option(
        "check", nil, .flag, "only look through --seccomp's or --policy's files")
    static let network = Option(
        "network", "n", reach, "what it may reach (default none)")
    static let networkRules = Option(
        "network-rules", nil, .file, "let it reach what the rules in FILE name")
    static let broker = Option(
        "broker", nil, brokers, "serve URL at VARIABLE, with a secret that stays outside")
    static let brokerCA = Option(
        "broker-ca", nil, .file, "trust the certificates in FILE for --broker")
    static let resolver = Option(
        "resolver", nil, .text("ADDRESS[:PORT]"), "ask there for addresses")
    static let traffic = Option(
        "traffic", nil, .size, "let so many bytes pass through the network, then none")
    static let secret = Option(
        "secret", nil, AloneSecret.kind, "let it read a secret as /run/secrets/NAME")
    static let terminal = Option("tty", nil, .flag, "give it a terminal of its own")
    static let bestEffort = Option(
        "best-effort", nil, .flag, "go on without limits that cannot be enforced")
    static let events = Option("events", nil, stream, "write records there")
    static let block = Option(
        "block-fd", nil, .text("FD"), "begin when a byte comes from there")
    static let report = Option("report", nil, .file, "write the last record to FILE")
    static let trace = Option(
        "trace-denials", nil, .flag, "tell which files and addresses it is refused; makes it slow")
    static let plan = Option(
        "plan", nil, .text("FD"), "read a whole plan as JSON from a descriptor")

    static let task = Option(
        "task", nil, .file, "run the task in FILE, again as it says (- is standard input)")

    static let all: [any Declared] = [
        readOnly, readWrite, bind, hide, mask, linkless, memory, device, root, hostname, directory,
        variable,
        clear, timeout, idle, grace,
        stopSignal,
        limit, rlimit, keep, mapUsers, landlock, seccomp, check, network, networkRules, broker,
        brokerCA, resolver, traffic, secret, terminal, bestEffort, events, block, report, trace,
        plan,
        task, AlonePolicy.policies,
    ]

    /// Whether the words ask for a command of their own rather than for the sessions of a pipe.
    static func isWanted(_ words: Words) -> Bool {
        !words.operands.isEmpty || words[plan] != nil || words[task] != nil
    }

    /// Strictly digits; 0 to 2 are the command's.
    static func descriptor(_ text: String) -> Int32? {
        guard text.utf8.allSatisfy({ (48...57).contains($0) }), let number = Int32(text), number > 2
        else { return nil }
        return number
    }

    /// Whether the descriptors that the caller names are there, and 0 to 2 can be the command's. All of the caller's,
    /// where a plan may name more.
    static func checkDescriptors(of words: Words) throws(AloneFault) -> Set<Int32>? {
        var named: [Int32] = []
        if case .descriptor(let number)? = words[events] { named.append(number) }
        named += [words[plan], words[block]].compactMap { $0.flatMap(descriptor) }
        named += AloneSecret.descriptors(words)
        for number in named where fcntl(number, F_GETFD) < 0 { throw .notOpen(number) }
        // What the command gets as it is. Through a directory of the host's, '..' leads everywhere.
        for number: Int32 in 0...2 {
            var facts = stat()
            if fstat(number, &facts) == 0, facts.st_mode & S_IFMT == S_IFDIR {
                throw .directory(number)
            }
        }
        guard words[plan] != nil else { return nil }
        // Without the one that the listing itself had open.
        return Set(Files.names(in: "/proc/self/fd").compactMap { Int32($0) }).filter {
            fcntl($0, F_GETFD) >= 0
        }
    }

    static func checkDescriptors(of plan: Plan, among theirs: Set<Int32>?) throws(AloneFault) {
        // Ours are known to be there.
        guard let theirs else { return }
        for grant in plan.files {
            switch grant {
            case .copied(let number, _, _), .secret(let number, _):
                guard theirs.contains(number) else { throw .notOpen(number) }
            default: break
            }
        }
    }

    static func limits(of words: Words) -> Limits {
        var limits = Limits(wallSeconds: words[timeout], idleSeconds: words[idle])
        for set in words.all(limit) { set.apply(&limits) }
        return limits
    }
}

import Policies
import Records
import Sandbox
import Testing

struct PolicyReaderTests {
    @Test func `an empty policy says nothing`() throws {
        let policy = try Sample.policy("")
        #expect(policy.sources.isEmpty && policy.origins.isEmpty && policy.limits == Limits())
        #expect(policy.seccomp == nil && policy.mode == nil && policy.terminal == nil)
    }

    @Test func `every key has its effect`() throws {
        let policy = try Sample.policy(
            """
            read_only = ["a", "/b/./c/"]
            read_write = ["../e"]
            bind = [{ source = "x", target = "/in/x", read_only = true }, { source = "y", target = "/y" }]
            tmpfs = ["t", { path = "/u", size = "1M" }]
            device = ["/dev/kvm"]
            hide = [".env"]
            mask = ["/m"]
            root = "tree"
            hostname = "h"
            directory = "sub/./dir"
            env = { A = "", B = "$HOME" }
            hand_on = ["TOKEN"]
            clear_env = true
            timeout = "1m"
            idle = 5
            grace = 0.5
            stop_signal = "SIGHUP"
            limits = { memory = "1G", cpus = "0-1", io_read_ops = 7 }
            rlimits = { core = 0, cpu = "1m", rttime = "2ms", nofile = 99 }
            keep_capability = ["net_raw"]
            no_links = ["l"]
            map_users = true
            landlock = "required"
            seccomp = "strict"
            secret = { token = "env:NPM_TOKEN", key = "file:k:1" }
            tty = true
            best_effort = true
            trace_denials = true
            [network]
            allow = ["GET a.example:80/x"]
            resolvers = ["192.0.2.53"]
            traffic = "3K"
            broker = [{ name = "b", upstream = "https://b.example", secret_file = "key", variables = ["V"] }]
            """)
        #expect(policy.readOnly.map(\.value) == ["/d/a", "/b/c"])
        #expect(policy.readWrite.map(\.value) == ["/e"])
        #expect(
            policy.binds.map(\.value) == [
                Policy.Bind(source: "/d/x", target: "/in/x", isReadOnly: true),
                Policy.Bind(source: "/d/y", target: "/y", isReadOnly: false),
            ])
        #expect(
            policy.memory.map(\.value) == [
                Policy.Memory(target: "/d/t"), Policy.Memory(target: "/u", sizeBytes: 1 << 20),
            ])
        #expect(policy.devices.map(\.value) == ["/dev/kvm"])
        #expect(policy.hidden.map(\.value) == ["/d/.env"])
        #expect(policy.masked.map(\.value) == ["/m"])
        #expect(policy.linkless.map(\.value) == ["/d/l"] && policy.mapsUsers == true)
        #expect(policy.root?.value == "/d/tree")
        #expect(policy.hostname == "h")
        #expect(policy.directory == "/d/sub/dir")
        #expect(
            policy.variables.mapValues(\.value) == [
                "A": .value(""), "B": .value("$HOME"), "TOKEN": .handedOn,
            ])
        #expect(policy.clearsVariables == true)
        #expect(
            policy.limits
                == Limits(
                    wallSeconds: 60, cpus: "0-1", memoryBytes: 1 << 30,
                    ioReadOperationsPerSecond: 7, idleSeconds: 5))
        #expect(policy.graceSeconds == 0.5 && policy.stopSignal == 1)
        #expect(policy.resourceLimits == ["core": 0, "cpu": 60, "rttime": 2000, "nofile": 99])
        #expect(policy.capabilities == ["net_raw"])
        #expect(policy.landlock == .required && policy.seccomp == SeccompPolicy(base: .strict))
        #expect(policy.terminal == true && policy.bestEffort == true)
        #expect(policy.tracesDenials == true)
        #expect(
            policy.secrets.map(\.value) == [
                Policy.Secret(name: "key", source: .file("/d/k:1")),
                Policy.Secret(name: "token", source: .variable("NPM_TOKEN")),
            ])
        #expect(policy.mode == .allow && policy.rules == ["GET a.example:80/x"])
        #expect(policy.resolvers == ["192.0.2.53"] && policy.trafficBytes == 3072)
        #expect(policy.brokers.map(\.secretFile) == ["/d/key"])
    }

    @Test func `everything that is wrong is found at once, each at its place`() {
        let problems = Sample.problems(
            """
            read_onyl = ["a"]
            read_write = ["~/src", "$HOME", ""]
            bind = [{ source = "x", target = "in" }, { source = "x" }]
            tmpfs = [{ path = "/proc/x" }, 3]
            device = ["/sys/x"]
            env = { "A=B" = "c" }
            hand_on = ["A", "A"]
            timeout = "1m"
            stop_signal = "TREM"
            limits = { wall = 3, memroy = 1 }
            rlimits = { nofile = -1 }
            keep_capability = ["cap_nothing"]
            landlock = "yes"
            seccomp = "strcit"
            network = { mode = "host", allow = ["a_b..c"], traffic = 1 }
            """)
        #expect(
            problems == [
                "1:1: a policy has no key 'read_onyl'; did you mean 'read_only'?",
                "2:15: read_write[0]: nothing is expanded in '~/src': write the whole path, or ./ before a name that begins so",
                "2:24: read_write[1]: nothing is expanded in '$HOME': write the whole path, or ./ before a name that begins so",
                "2:33: read_write[2] is empty: fill it in",
                "3:34: bind[0].target: nothing can be placed at 'in': name an absolute path that is not in /proc or /dev",
                "3:42: bind[1].target is missing: add it (inside; absolute)",
                "4:19: tmpfs[0].path: nothing can be placed at '/proc/x': name an absolute path that is not in /proc or /dev",
                "4:32: tmpfs[1] must be text or a table, not 3",
                "5:11: device[0]: '/sys/x' is no device below /dev",
                "6:9: env.A=B: 'A=B' cannot be a variable",
                "7:17: hand_on[1]: 'A' is there already: keep one",
                "8:11: timeout is also in [limits] as wall: keep one",
                "9:15: stop_signal must be a signal such as TERM, INT, HUP or a number, not 'TREM'",
                "10:22: [limits] has no key 'memroy'; did you mean 'memory'?",
                "11:22: rlimits.nofile must be a whole number from 0 to 1125899906842624, not -1",
                "12:20: keep_capability[0]: could not keep 'cap_nothing': there is no such capability",
                "13:12: landlock must be one of available, required, none, not 'yes'",
                "14:11: seccomp must be default, strict, none or a file such as ./policy.toml, not 'strcit'; did you mean 'strict'?",
                "15:36: network.allow has no use with mode 'host': say mode = \"allow\"",
                "15:37: network.allow[0]: 'a_b..c' is no host: write name, *.name or name:port, with a method before and a path behind it where only those are meant",
                "15:58: network.traffic has no use with mode 'host': say mode = \"allow\"",
            ])
    }

    @Test func `where secrets are is looked at, and what may be one is not repeated`() {
        let problems = Sample.problems(
            """
            [secret]
            a = "hunter2-hunter2"
            b = "env:A B"
            c = "fd:3"
            "../d" = "env:D"
            e = "file:~/key"
            f = 3
            """)
        #expect(
            problems == [
                "2:5: secret.a must be env:VARIABLE or file:PATH, where the secret is, never the secret",
                "3:5: secret.b must be env:VARIABLE or file:PATH, where the secret is, never the secret",
                "4:5: secret.c: a descriptor is the call's to name: --secret NAME=fd:N",
                "5:1: secret: '../d' cannot be the name of a file",
                "6:5: secret.e: nothing is expanded in '~/key': write the whole path, or ./ before a name that begins so",
                "7:5: secret.f must be text, not 3",
            ])
    }

    @Test func `a table of system calls is read as its file would be`() throws {
        let policy = try Sample.policy(
            "seccomp = { base = \"strict\", errno = \"EACCES\", deny = [\"mkdir\"] }")
        #expect(policy.seccomp?.deny.map(\.call) == ["mkdir"] && policy.seccomp?.errno == 13)
        #expect(
            Sample.problems("tty = 1\n[seccomp]\nbase = \"closed\"") == [
                "1:7: tty must be true or false, not 1",
                "2:1: 'execve' is refused, without which no program runs",
            ])
    }

    @Test func `problems and warnings of a file of system calls stand where it is named`() throws {
        let shelf = try Shelf()
        try shelf.put("c.toml", "deny = [\"mkdri\"]\nbase = 3\n")
        try shelf.put("d.toml", "base = \"none\"\n")
        try shelf.put("p.toml", "tty = true\nseccomp = \"./c.toml\"\n")
        try shelf.put("q.toml", "seccomp = \"d.toml\"\n")
        #expect(
            shelf.problems("p.toml") == [
                "p.toml:2:11: seccomp: ./c.toml:1:9: deny[0]: there is no system call 'mkdri'; did you mean 'mkdir'?",
                "p.toml:2:11: seccomp: ./c.toml:2:8: base must be one of none, default, strict, closed, not 3",
            ])
        let warnings = try shelf.warnings("q.toml")
        #expect(
            warnings.count == 1
                && warnings[0].hasPrefix("q.toml:1:11: warning: seccomp: d.toml:1:8: "))
    }

    @Test func `rules come from files, too`() throws {
        let shelf = try Shelf()
        try shelf.put("r", "# those\na.example\n\nb.example:8443\n")
        try shelf.put("s", "a.example\nno rule at all\n")
        let good = try shelf.put("p.toml", "network = { rules = [\"r\"], allow = [\"c.example\"] }")
        #expect(
            try PolicyFiles([good]).policy.rules == ["a.example", "b.example:8443", "c.example"])
        #expect(try PolicyFiles([good]).names == [good, "\(shelf.path)/r"])
        try shelf.put("p.toml", "network = { rules = [\"s\", \"t\"] }")
        #expect(
            shelf.problems("p.toml") == [
                "p.toml:1:22: network.rules[0]: s:2: 'no rule at all' is no rule: write [METHOD ]HOST[:PORT][/PATH]",
                "p.toml:1:27: network.rules[1]: could not open 't': No such file or directory",
            ])
    }
}

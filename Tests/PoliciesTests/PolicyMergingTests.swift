import Glibc
import Policies
import Records
import Sandbox
import Smelt
import Testing

struct PolicyMergingTests {
    /// One file after the other, as `--policy` twice.
    static func merged(_ texts: String...) throws -> Policy {
        var policy = Policy()
        for text in texts { policy.add(try Sample.policy(text)) }
        return policy
    }

    @Test func `lists add up, in order`() throws {
        let policy = try Self.merged(
            "read_only = [\"/a\"]\nno_links = [\"/a\"]\nhide = [\"/h\"]\nkeep_capability = [\"net_raw\"]",
            "read_only = [\"/b\"]\nkeep_capability = [\"chown\"]")
        #expect(policy.readOnly.map(\.value) == ["/a", "/b"])
        #expect(policy.hidden.map(\.value) == ["/h"] && policy.linkless.map(\.value) == ["/a"])
        #expect(policy.capabilities == ["net_raw", "chown"])
    }

    @Test func `of single values the later one counts, and silence changes nothing`() throws {
        let policy = try Self.merged(
            "seccomp = \"strict\"\nhostname = \"a\"\ntty = true\nlandlock = \"required\"\ntrace_denials = true",
            "seccomp = { deny = [\"mkdir\"] }\ntty = false")
        #expect(policy.seccomp?.base == .default && policy.seccomp?.deny.count == 1)
        #expect(policy.hostname == "a" && policy.terminal == false && policy.landlock == .required)
        #expect(policy.tracesDenials == true)
    }

    static func broker(_ name: String, _ url: String) -> String {
        "{ name = \"\(name)\", upstream = \"\(url)\", secret_env = \"X\", variables = [\"V\"] }"
    }

    @Test func `variables, limits, brokers and secrets are each for themselves`() throws {
        let policy = try Self.merged(
            """
            env = { A = "1", B = "1" }
            limits = { memory = 5, processes = 5 }
            rlimits = { core = 1, nofile = 1 }
            network = { broker = [\(Self.broker("a", "https://a.example")), \(Self.broker("b", "https://b.example"))] }
            secret = { a = "env:A", b = "env:B" }
            """,
            """
            env = { B = "2" }
            hand_on = ["A"]
            limits = { memory = 6 }
            rlimits = { core = 2 }
            network = { broker = [\(Self.broker("a", "https://c.example"))] }
            secret = { a = "file:/a" }
            """)
        #expect(policy.variables.mapValues(\.value) == ["A": .handedOn, "B": .value("2")])
        #expect(policy.limits == Limits(memoryBytes: 6, processes: 5))
        #expect(policy.resourceLimits == ["core": 2, "nofile": 1])
        #expect(policy.brokers.map(\.upstream) == ["https://b.example", "https://c.example"])
        #expect(policy.secrets.map(\.value.source) == [.variable("B"), .file("/a")])
    }

    @Test(arguments: ["none", "host"])
    func `a later mode takes back what would have been reached`(mode: String) throws {
        let open = "[network]\nallow = [\"a.example\"]\nresolvers = [\"192.0.2.53\"]\ntraffic = 1\n"
        let shut = try Self.merged(open, "network = { mode = \"\(mode)\" }")
        #expect(shut.mode == Network.Mode(rawValue: mode))
        #expect(shut.rules.isEmpty && shut.resolvers.isEmpty && shut.trafficBytes == nil)
        let again = try Self.merged(
            open, "network = { mode = \"\(mode)\" }", "network.allow = [\"b.example\"]")
        #expect(again.mode == .allow && again.rules == ["b.example"])
    }

    @Test func `a policy comes behind those that it builds on`() throws {
        let shelf = try Shelf()
        try shelf.put("a.toml", "hostname = \"a\"\nread_only = [\"/a\"]")
        try shelf.put("b.toml", "extends = [\"a.toml\"]\nhostname = \"b\"\nread_only = [\"/b\"]")
        let whole = try shelf.put(
            "c.toml", "extends = [\"./b.toml\", \"a.toml\"]\nread_only = [\"/c\"]")
        let read = try PolicyFiles([whole])
        #expect(read.policy.hostname == "b")
        #expect(read.policy.readOnly.map(\.value) == ["/a", "/b", "/c"], "and each counts once")
        #expect(read.names.map(Files.name) == ["c.toml", "b.toml", "a.toml"])
    }

    @Test func `problems of all files are found, each in its own`() throws {
        let shelf = try Shelf()
        try shelf.put("a.toml", "hostnam = \"a\"\n")
        try shelf.put("b.toml", "extends = [\"a.toml\", \"none.toml\"]\ntty = 1\n")
        try shelf.put("c.toml", "= 3")
        #expect(
            shelf.problems("b.toml", "c.toml") == [
                "a.toml:1:1: a policy has no key 'hostnam'; did you mean 'hostname'?",
                "b.toml:1:22: extends[1]: could not open 'none.toml': No such file or directory",
                "b.toml:2:7: tty must be true or false, not 1",
                "c.toml:1:1: could not read root table: expected keys, tables, whitespace or comments, saw '='",
            ])
    }

    @Test func `a circle is refused, and so is a tower`() throws {
        let shelf = try Shelf()
        try shelf.put("a.toml", "extends = [\"b.toml\"]")
        try shelf.put("b.toml", "extends = [\"a.toml\"]")
        #expect(
            shelf.problems("a.toml") == [
                "b.toml:1:12: extends[0]: 'a.toml' builds on this file: policies cannot go round in a circle"
            ])
        for number in 1...9 {
            try shelf.put("t\(number).toml", "extends = [\"t\(number + 1).toml\"]")
        }
        try shelf.put("t9.toml", "")
        #expect(
            shelf.problems("t1.toml") == [
                "t8.toml:1:12: extends[0]: 't9.toml' would be more than 8 policies, each on the next: build on fewer"
            ])
        #expect(shelf.problems("t2.toml") == [])
    }

    @Test func `what a later one allows beyond an earlier one is warned of, with both places`()
        throws
    {
        let shelf = try Shelf()
        try shelf.put(
            "base.toml",
            """
            seccomp = "strict"
            landlock = "required"
            clear_env = true
            map_users = false
            read_only = ["/srv"]
            hide = ["/srv/keys"]
            limits = { memory = "1G", processes = 9 }
            network = { allow = ["a.example"], traffic = 9 }
            rlimits = { core = 0 }
            """)
        try shelf.put(
            "more.toml",
            """
            extends = ["base.toml"]
            seccomp = "none"
            landlock = "available"
            clear_env = false
            map_users = true
            read_write = ["/srv", "/srv/keys/one"]
            limits = { memory = "2G", processes = 8 }
            network = { mode = "host" }
            rlimits = { core = 1 }
            """)
        #expect(
            try shelf.warnings("more.toml") == [
                "more.toml:2:11: warning: seccomp allows more than base.toml:1:11 does",
                "more.toml:3:12: warning: landlock allows more than base.toml:2:12 does",
                "more.toml:4:13: warning: clear_env allows more than base.toml:3:13 does",
                "more.toml:5:13: warning: map_users allows more than base.toml:4:13 does",
                "more.toml:6:15: warning: read_write[0] lets '/srv' be written, which base.toml:5:14 only shows",
                "more.toml:6:23: warning: read_write[1] shows '/srv/keys/one' in what base.toml:6:9 hides",
                "more.toml:7:21: warning: limits.memory allows more than base.toml:7:21 does",
                "more.toml:8:20: warning: network.mode allows more than base.toml:8:11 does",
                "more.toml:9:20: warning: rlimits.core allows more than base.toml:9:20 does",
            ])
    }

    @Test func `what others may write is not believed`() throws {
        let shelf = try Shelf()
        let path = try shelf.put("p.toml", "extends = [\"q.toml\"]")
        try shelf.put("q.toml", "")
        chmod("\(shelf.path)/q.toml", 0o646)
        #expect(
            shelf.problems("p.toml") == [
                "p.toml:1:12: extends[0]: could not trust 'q.toml': everybody may write it; chmod o-w takes that away"
            ])
        chmod(path, 0o602)
        let fault = #expect(throws: PolicyFault.self) { try PolicyFiles([path]) }
        #expect(fault?.exit == .refused && fault?.code == "policy_not_trusted")
    }

    @Test(.enabled(if: geteuid() == 0, "only root can give a file away"))
    func `what belongs to somebody else is not believed`() throws {
        let shelf = try Shelf()
        let path = try shelf.put("p.toml", "")
        chown(path, 65534, 65534)
        let fault = #expect(throws: PolicyFault.self) { try PolicyFiles([path]) }
        #expect(
            fault?.description
                == "could not trust '\(path)': it belongs to user 65534, not to you or root")
    }
}

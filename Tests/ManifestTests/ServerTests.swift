import Records
import Smelt
import Testing
import Toml

@testable import Manifest

/// The daemon's file.
struct ServerTests {
    static func read(_ text: String) -> (Server, [String]) {
        let findings = Findings()
        let source = SourceFile(
            name: "server.toml", path: "/d/server.toml", directory: "/d", text: Array(text.utf8))
        let members = (try? source.members()) ?? []
        let server = ServerReader(findings: findings).read(members, directory: "/d")
        return (server, findings.problems.sorted().map { $0.line(in: "f") })
    }

    @Test func `every key has its say`() {
        let (server, problems) = Self.read(
            """
            queue_dir = "q"
            max_concurrent = 3
            retry_attempts = 4
            retry_backoff_secs = 6
            ssh_timeout_secs = "7s"
            lease_secs = 8
            grace_secs = "2m"
            drain = true
            [pipeline]
            command = ["a", "b"]
            resume = ["c"]
            [review]
            count = 2
            [exec]
            options = ["--network", "host"]
            [log]
            running = "1M"
            over = "64K"
            """)
        var wanted = Server()
        wanted.queueDirectory = "/d/q"
        wanted.maxConcurrent = 3
        wanted.retryAttempts = 4
        wanted.retryBackOffSeconds = 6
        wanted.sshTimeoutSeconds = 7
        wanted.leaseSeconds = 8
        wanted.graceSeconds = 120
        wanted.drains = true
        wanted.pipeline = ["a", "b"]
        wanted.resume = ["c"]
        wanted.review = ReviewRules()
        wanted.review?.count = 2
        wanted.execOptions = ["--network", "host"]
        wanted.longestLog = 1 << 20
        wanted.longestOldLog = 64 << 10
        #expect(problems == [])
        #expect(server == wanted)
    }

    @Test func `what is left out is as the page says`() {
        let (server, problems) = Self.read("queue_dir = \"/q\"\nmax_concurrent = 1\n")
        #expect(problems == [])
        #expect(server.retryAttempts == 3)
        #expect(server.retryBackOffSeconds == 5)
        #expect(server.leaseSeconds == 30)
        #expect(server.graceSeconds == 30)
        #expect(server.pipeline == nil)
        #expect(server.longestLog == nil && server.longestOldLog == nil)
    }

    @Test func `a log that is over is as long as one that is not, unless it is said`() {
        let head = "queue_dir = \"q\"\nmax_concurrent = 1\n[log]\n"
        #expect(Self.read(head + "running = 5").0.longestOldLog == 5)
        let (server, problems) = Self.read(head + "over = 0")
        #expect(problems == [] && server.longestLog == nil && server.longestOldLog == 0)
        #expect(
            Self.read(head + "over = \"much\"").1.first?.hasPrefix("f:4:8: log.over") == true)
    }

    @Test func `what is wrong is told all at once`() {
        let (_, problems) = Self.read(
            """
            max_concurrent = 0
            retry_atempts = 1
            [pipeline]
            command = []
            [tracker]
            provider = "github"
            repo = "a/b/c"
            manifest_template = "t"
            default_harness = "x"
            default_timeout = 0
            """)
        let places = problems.map { $0.split(separator: " ")[0] }
        #expect(places == ["f:1:1:", "f:1:18:", "f:2:1:", "f:3:1:", "f:7:8:", "f:10:19:"])
    }

    @Test func `what there is not yet is named`() {
        let (server, problems) = Self.read(
            """
            queue_dir = "q"
            max_concurrent = 1
            [tracker]
            provider = "linear"
            api_key_env = "K"
            team_id = "t"
            manifest_template = "t.toml"
            default_harness = "true"
            default_timeout = 60
            [auth]
            write_token_env = "T"
            """)
        #expect(problems == [])
        #expect(server.unused.map(\.sentence).count == 2)
        #expect(server.unused.allSatisfy { $0.sentence.hasSuffix("does nothing yet: take it out") })
    }

    @Test func `workers have what the page says`() {
        let (server, problems) = Self.read(
            """
            queue_dir = "q"
            max_concurrent = 1
            ssh_timeout_secs = 9
            [[workers]]
            host = "a"
            user = "b"
            key_env = "K"
            [[workers]]
            host = "a"
            port = 23
            capacity = 4
            command = "/opt/smelt-queue"
            on_disconnect = "finish"
            grace_secs = "2m"
            """)
        #expect(problems == [])
        #expect(server.workers.map(\.name) == ["b@a", "a:23"])
        #expect(server.workers.map(\.capacity) == [1, 4])
        #expect(server.workers.map(\.target.connect) == [9, 9])
        #expect(server.workers.map(\.target.disconnect) == [.end, .finish])
        #expect(server.workers.map(\.target.grace) == [60, 120])
        #expect(server.workers.map(\.target.command) == [nil, "/opt/smelt-queue"])
        #expect(server.workers.map(\.target.keyEnv) == ["K", nil])
    }

    @Test func `a worker is named once, and never as an option of ssh`() {
        let (_, problems) = Self.read(
            """
            queue_dir = "q"
            max_concurrent = 1
            [[workers]]
            host = "-oProxyCommand=x"
            [[workers]]
            host = "a"
            [[workers]]
            host = "a"
            """)
        #expect(problems.map { $0.split(separator: " ")[0] } == ["f:4:8:", "f:8:8:"])
    }
}

import Records
import Testing

@testable import Manifest
@testable import Toml

struct ReaderTests {
    static let head = "[job]\nname='j'\nrepo='.'\nbase_ref='main'\n"
    static let session = "[[session]]\nname='s'\nspec='x'\nharness='true'\ntimeout=1\n"
    static let merge = "[merge]\ntarget='t'\n"

    static func manifest(_ text: String) throws(ManifestFault) -> Manifest {
        try Manifest(
            SourceFile(name: "f", path: "/d/f", directory: "/d", text: Array(text.utf8)))
    }

    /// The problems of a good manifest with `more` at its end.
    static func problems(_ more: String) -> [String] {
        problems(whole: head + session + merge + more)
    }

    static func problems(whole text: String) -> [String] {
        do throws(ManifestFault) { _ = try manifest(text) } catch {
            if case .invalid(_, let problems) = error { return problems.map(\.sentence) }
        }
        return []
    }

    @Test func `a small manifest is good`() throws {
        let job = try Self.manifest(Self.head + Self.session + Self.merge).job
        #expect(job.environment.runtime == .sandbox)
        #expect(job.repository == "/d")
        #expect(job.limits == Limits(wallSeconds: 86_400, outputBytes: 1 << 30, maxParallel: 4))
    }

    @Test func `every key has its effect`() throws {
        let job = try Self.manifest(
            """
            version = 1
            state_backend = "local_fs"
            [job]
            name = "j"
            repo = "git@host:a/b.git"
            base_ref = "v1.0^{commit}"
            [environment]
            runtime = "compose"
            image = "i"
            compose_file = ["/dev/null"]
            start_timeout = "30s"
            resources.memory = "4G"
            [agent]
            command = ["a", "--model={model}", "{prompt}"]
            prompt = "argument"
            [credentials]
            provider = "p"
            model = "m"
            env.A = "NO_SUCH_VARIABLE"
            files.key-1 = "NO_SUCH_VARIABLE"
            [[session]]
            name = "s"
            spec = "x"
            harness = ""
            timeout = "1m30s"
            agent = "aider"
            env = { B = "c" }
            working_directory = "sub/dir"
            credentials = ["key-1"]
            [[session]]
            name = "t"
            spec = "x"
            harness = "y"
            timeout = 0.5
            depends_on = ["s"]
            agent = { preset = "gemini" }
            [limits]
            wall = "2h"
            cpu = 1.5
            cpu_weight = 50
            cpus = "0-3,6"
            memory_high = "3G"
            swap = 0
            io_weight = 10
            io_read = "100M"
            io_write = "50M"
            io_read_ops = 1000
            io_write_ops = 500
            processes = 100
            disk = "1T"
            output = 5
            idle = "5m"
            max_parallel = 2
            [network]
            allow = ["a.example:443", "*.b.example", "[::1]:80"]
            [workspace]
            setup = "make"
            copy = ["x", { source = "/a:b", target = "~/c" }]
            mounts = ["/srv/data:data"]
            [commit]
            name = "N"
            email = "e@x"
            signoff = true
            trailers = ["Ticket: 12"]
            [merge]
            strategy = "octopus"
            order = ["t"]
            target = "feature/x"
            include_failed = false
            ai_resolution = true
            [review]
            required = true
            expires = "1h"
            reviewers = ["ann", "uid:7"]
            count = 2
            owner = "ann"
            owner_after = "1m"
            [[review.auto_accept]]
            paths = ["docs/**"]
            max_files = 3
            max_lines = 40
            gates = false
            [protect]
            paths = ["infra/**"]
            [forge]
            provider = "github"
            repo = "o/r"
            token_env = "NO_SUCH_TOKEN"
            api_url = "https://github.example/api/v3"
            push_url = "../x.git"
            labels = ["l"]
            reviewers = ["r"]
            title = "t"
            body = "b"
            [[services]]
            name = "db"
            image = "postgres"
            healthcheck = { retries = 5 }
            environment = { RATE = 1.0, COUNT = 1 }
            cpus = 1.5
            [[notify]]
            target_job = "other"
            on_session_complete = true
            """
        ).job
        #expect(job.repository == "git@host:a/b.git")
        #expect(
            job.environment
                == JobEnvironment(
                    runtime: .compose, image: "i",
                    compose: .init(files: ["/dev/null"], directory: "/dev", startSeconds: 30)))
        #expect(job.agent == Agent(command: ["a", "--model=m", "{prompt}"], prompt: .argument))
        #expect(
            job.sessions == [
                Session(
                    name: "s", spec: "x", harness: "", timeoutSeconds: 90,
                    agent: Presets.agent("aider", model: "m"), env: ["B": "c"],
                    workingDirectory: "sub/dir", credentials: ["key-1"]),
                Session(
                    name: "t", spec: "x", harness: "y", timeoutSeconds: 0.5, dependsOn: ["s"],
                    agent: Presets.agent("gemini", model: "m")),
            ])
        #expect(
            job.limits
                == Limits(
                    wallSeconds: 7200, cpu: 1.5, cpuWeight: 50, cpus: "0-3,6",
                    memoryBytes: 4 << 30, memoryHighBytes: 3 << 30, swapBytes: 0,
                    processes: 100, diskBytes: 1 << 40, ioWeight: 10,
                    ioReadBytesPerSecond: 100 << 20, ioWriteBytesPerSecond: 50 << 20,
                    ioReadOperationsPerSecond: 1000, ioWriteOperationsPerSecond: 500,
                    outputBytes: 5, idleSeconds: 300, maxParallel: 2))
        #expect(
            job.network
                == Network(mode: .allow, allow: ["a.example:443", "*.b.example", "[::1]:80"]))
        #expect(
            job.workspace
                == Workspace(
                    setup: "make",
                    copy: [
                        .init(source: "/d/x", target: "x"), .init(source: "/a:b", target: "~/c"),
                    ], mounts: [.init(source: "/srv/data", target: "data")]))
        #expect(
            job.commit
                == CommitStyle(name: "N", email: "e@x", signoff: true, trailers: ["Ticket: 12"]))
        #expect(
            job.merge
                == Merge(
                    strategy: .octopus, order: ["t"], target: "feature/x", includeFailed: false,
                    aiResolution: true))
        var review = ReviewRules(required: true, expiresSeconds: 3600)
        review.reviewers = ["ann", "uid:7"]
        review.count = 2
        (review.owner, review.ownerAfterSeconds) = ("ann", 60)
        review.autoAccept = [
            .init(paths: ["docs/**"], mostFiles: 3, mostLines: 40, gates: false)
        ]
        #expect(job.review == review)
        #expect(job.protect == ["infra/**"])
        #expect(
            job.forge
                == ForgeTarget(
                    provider: .github, repository: "o/r", tokenEnv: "NO_SUCH_TOKEN",
                    apiURL: "https://github.example/api/v3", pushURL: "/d/../x.git",
                    labels: ["l"], reviewers: ["r"], title: "t", body: "b"))
        #expect(job.stateBackend == .string("local_fs"))
        #expect(
            job.services == [
                .object([
                    "name": .string("db"), "image": .string("postgres"),
                    "healthcheck": .object(["retries": .integer(5)]),
                    "environment": .object(["RATE": .string("1.0"), "COUNT": .integer(1)]),
                    "cpus": .number(1.5),
                ])
            ])
        #expect(
            job.notify == [
                .object(["target_job": .string("other"), "on_session_complete": .bool(true)])
            ])
    }

    @Test(arguments: [
        "[environment]\nruntime='kubernetes'\nimage='i'\n[kubernetes]\nnamespace='n'\n"
            + "ssh_key_env='NO_SUCH_KEY'\ncpu_limit='2'",
        "[state_backend]\ntype = 'linear'\napi_key_env = 'X'",
        "[state_backend.linear]\nteam_id='t'",
        "[environment]", "[network]\nmode='host'", "[forge]\nprovider='local'\nrepo='f.git'",
        "[forge]\nprovider='github'\nrepo='o/r'\ntoken_env='T'\napi_url='http://127.0.0.1:80'",
        "[agent]\ncommand=['a']", "[limits]",
    ])
    func `this is good`(more: String) {
        #expect(Self.problems(more) == [])
    }
}

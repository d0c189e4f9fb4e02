import Records

/// A record of each type with every member set.
enum Samples {
    static let commit = String(repeating: "a", count: 40)
    static let digest = String(repeating: "b", count: 64)

    static let job: Job = {
        let agent = Agent(preset: "claude", command: ["claude"], prompt: .file)
        let share = Workspace.Share(source: "/a", target: "~/a")
        return Job(
            name: "j", repository: "/r", baseRef: "main",
            environment: JobEnvironment(
                runtime: .docker, image: "i", pull: .always,
                compose: .init(files: ["/f"], directory: "/d")), agent: agent,
            sessions: [
                Session(
                    name: "s", spec: "", specPath: "/p", specSha256: digest, harness: "true",
                    timeoutSeconds: 1, dependsOn: ["t"], agent: agent, env: ["A": "b"],
                    workingDirectory: "d", credentials: ["f"])
            ],
            limits: Limits(
                wallSeconds: 1, cpu: 0.5, cpuWeight: 1, cpus: "0", memoryBytes: 1,
                memoryHighBytes: 1,
                swapBytes: 0, processes: 1, diskBytes: 1, ioWeight: 1, ioReadBytesPerSecond: 1,
                ioWriteBytesPerSecond: 1, ioReadOperationsPerSecond: 1,
                ioWriteOperationsPerSecond: 1,
                outputBytes: 1, idleSeconds: 1, maxParallel: 1),
            network: Network(
                mode: .allow, allow: ["h"],
                broker: [
                    Broker(
                        name: "b", upstream: "https://h", header: "H", scheme: "s", secretEnv: "E",
                        secretFile: "/f", variables: ["V"], allow: ["/p"], caFile: "/c")
                ], resolvers: ["192.0.2.53"], trafficBytes: 1),
            workspace: Workspace(setup: "x", copy: [share], mounts: [share]),
            sandbox: JobSandbox(seccomp: .string("strict"), landlock: "required"),
            credentials: Credentials(
                provider: "p", model: "m", env: ["A": "B"], files: ["f": "F"]),
            commit: CommitStyle(trailers: ["A: b"]), merge: Merge(order: ["s"], target: "t"),
            review: review, protect: ["p"],
            forge: ForgeTarget(
                provider: .github, repository: "o/r", tokenEnv: "T", apiURL: "https://a",
                pushURL: "https://b", labels: ["l"], reviewers: ["r"], title: "t", body: "b"),
            kubernetes: kubernetes, services: [.object([:])],
            stateBackend: .string("x"), notify: [.object([:])])
    }()

    static let review: ReviewRules = {
        var rules = ReviewRules(required: true, expiresSeconds: 1)
        rules.reviewers = ["a"]
        rules.count = 1
        (rules.owner, rules.ownerAfterSeconds) = ("o", 1)
        rules.autoAccept = [.init(paths: ["p"], mostFiles: 1, mostLines: 1)]
        return rules
    }()

    static let kubernetes: KubernetesTarget = {
        var target = KubernetesTarget(namespace: "n")
        target.context = "c"
        target.serviceAccount = "a"
        target.sshKeyEnv = "K"
        target.cpuRequest = "500m"
        target.memoryRequest = "1Gi"
        target.nodeSelector = ["a": "b"]
        target.tolerations = [.object(["operator": .string("Exists")])]
        target.affinity = .object([:])
        target.priorityClass = "p"
        target.imagePullSecrets = ["s"]
        target.runtimeClass = "r"
        target.labels = ["a": "b"]
        target.annotations = ["a": "b"]
        target.user = 1000
        target.podTemplate = .object([:])
        return target
    }()

    static let usage: Usage = {
        var usage = Usage()
        usage.wallSeconds = 1
        usage.userSeconds = 1
        usage.systemSeconds = 1
        usage.peakMemoryBytes = 1
        usage.readBytes = 1
        usage.writtenBytes = 1
        usage.processes = 1
        usage.peakSwapBytes = 0
        usage.throttledSeconds = 0.5
        usage.oomKills = 1
        usage.inputTokens = 1
        usage.outputTokens = 1
        usage.cost = 0.5
        return usage
    }()

    private static let taken = Resumed.Taken(
        session: "s", run: "r", attempt: 1, branch: "b", start: commit, commit: commit,
        committedForAgent: true, gateSeconds: 0.5)

    static let all: [any Record] = [
        RunPlanned(
            job: job, manifest: .init(path: "/m", sha256: digest), runsDirectory: "/r",
            smeltVersion: "1",
            resumes: Resumed(
                run: "r", earlier: ["e"], first: "f", baseCommit: commit, sessions: [taken])),
        EnvironmentReady(
            id: "i", runtime: .sandbox, baseRef: "main", baseCommit: commit, directory: "/d",
            workspace: "/workspace", imageName: "n", imageDigest: "d",
            serviceDigests: ["db": "sha256:0"], hostUser: 1,
            limits: job.limits, network: job.network, diskGuard: .quota, notEnforced: ["cpu"],
            warnings: ["w"]),
        SessionTaken(taken),
        SessionStarted(session: "s", attempt: 1, branch: "b", commit: commit, workspace: "/w"),
        Output(
            session: "s", attempt: 1, stream: .stderr, offsetBytes: 0, text: "t", base64: "AA=="),
        GateFinished(session: "s", command: "c", ok: true, status: 0, seconds: 0.1),
        Egress(session: "s", host: "h", port: 1, allowed: false, rule: "r", reason: "n", count: 1),
        Denied(
            session: "s", what: "w", mechanism: "m", reason: "r", path: "/p", error: "EACCES",
            count: 1),
        SessionFinished(
            session: "s", attempt: 1, ending: .gateFailed, exitStatus: 1, signal: 9, branch: "b",
            commit: commit, committedForAgent: true, reason: "r", because: "t", usage: usage),
        TaskPhased(session: "s", attempt: 1, phase: .exhausted, delaySeconds: 1, reason: "r"),
        SessionsFinished(endings: ["succeeded": 1]),
        ResultCollected(
            branch: "b", commit: commit, base: commit, commits: 1, files: 1, insertions: 1,
            deletions: 0, sessions: ["s"], draft: false, filesPath: "/f", filesSha256: digest,
            bundlePath: "/b", bundleSha256: digest,
            conflicts: [.init(session: "s", files: ["f"])], warnings: ["w"], review: .required,
            reviewReasons: ["r"]),
        ReviewRequested(
            title: "t", summary: "s", expires: .init(milliseconds: 0), commit: commit),
        ReviewDecided(decision: .denied, commit: commit, actor: "uid:1", note: "n"),
        BranchUpdated(url: "u", ref: "r", old: commit, new: commit),
        PullRequestOpened(
            forge: "local", url: "u", number: 1, head: "h", base: "b", draft: true),
        PullRequestUpdated(
            forge: "local", url: "u", number: 1, head: "h", base: "b", draft: true),
        EnvironmentReleased(id: "i", removed: true, rescued: ["r"]),
        Failed(
            stage: "s", code: "c", status: 65, message: "m", hint: "h", session: "s", line: 1,
            sizeBytes: 1, base64: "AA=="),
        RunFinished(status: 0, seconds: 1),
    ]
}

internal import Glibc
internal import Records
internal import Smelt
internal import Store

/// Begins runs. A process waits at a gate until the store knows of it: who is killed before leaves a process that ends by itself,
/// having done nothing.
struct RunStart {
    /// The directory of all runs' files.
    let queue: String
    /// The queue's file, for runs that ask whether they still count.
    let store: String
    let pipeline: [String]?
    /// Its stages behind the result; nil where they cannot be begun alone.
    let rest: [String]?
    let execOptions: [String]
    /// Of manifests that say nothing of it.
    let review: ReviewRules?
    let environment: [String]
    private let path: String
    private let spares: SpareDirectories

    /// A run whose process waits.
    final class Gated {
        let run: Run
        private let gate: Descriptor
        private var isOpen = false

        init(_ run: Run, gate: consuming Descriptor) {
            self.run = run
            self.gate = gate
        }

        /// Lets it begin. Without this nothing of it is left when this object goes.
        func open() {
            isOpen = true
            var line = UInt8(ascii: "\n")
            _ = retrying { write(gate.number, &line, 1) }
        }

        deinit {
            if isOpen { return }
            run.clear()
            run.files.remove()
        }
    }

    /// For a pipeline, which can be anything; `smelt-exec` waits by itself, and a shell less is begun. Its first word is what standard
    /// input becomes. `read` fails where nobody opens the gate any more.
    private let gateKeeper: [String]

    /// `files` is how many a run may have open, where that is not as many as this process may.
    init(
        queue: String, _ spares: SpareDirectories, store: String, pipeline: [String]?,
        rest: [String]?, execOptions: [String], review: ReviewRules? = nil, files: UInt64? = nil
    ) {
        self.spares = spares
        let limit = files.map { "ulimit -S -n \($0) && " } ?? ""
        gateKeeper = ["/bin/sh", "-c", limit + #"read -r go && exec "$@" <"$0""#]
        self.queue = queue
        self.store = store
        self.pipeline = pipeline
        self.rest = rest ?? (pipeline == nil ? ["smelt-run", "--resume", "-"] : nil)
        self.execOptions = execOptions
        self.review = review
        // Of the service manager's, which are for us alone.
        let ours: Set = [
            "NOTIFY_SOCKET", "LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES", "WATCHDOG_USEC",
            "WATCHDOG_PID",
        ]
        // What belongs to this smelt comes before what else is installed.
        let beside = Files.goal(ofLink: "/proc/self/exe").map(Files.parent) ?? "/usr/bin"
        path = "\(beside):\(Environment.nonEmpty("PATH") ?? "/usr/local/bin:/usr/bin:/bin")"
        environment = Environment.all(without: ours.union(Self.given), with: ["PATH=\(path)"])
    }

    /// Set for each run.
    private static let given: Set = [
        "SMELT_RUN", CurrentAttempt.jobVariable, CurrentAttempt.numberVariable,
        CurrentAttempt.storeVariable, CurrentAttempt.runVariable, "SMELT_REVIEW",
        ReviewRules.variable, WorkerTarget.variable,
    ]

    /// With a worker, one whose sessions run there; what is here are the other stages of the pipeline. `stored` is what the run
    /// goes on with, all of it here; nil for one that begins.
    func prepare(
        _ claimed: Claimed, _ stored: StoredRun?, on worker: WorkerTarget?, _ now: Instant
    ) throws(DaemonFault) -> Gated {
        let files = RunFiles(in: queue, claimed.lease)
        do throws(DaemonFault) {
            return try prepare(claimed, stored, on: stored == nil ? worker : nil, files, now)
        } catch {
            files.remove()
            throw error
        }
    }

    private func prepare(
        _ claimed: Claimed, _ stored: StoredRun?, on worker: WorkerTarget?, _ files: RunFiles,
        _ now: Instant
    ) throws(DaemonFault) -> Gated {
        let work = try RunWork(claimed, stored, self, files)
        var facts = stat()
        guard stat(work.directory, &facts) == 0 else {
            let fault = SystemFault(errno, "find", work.directory)
            // What a disk cannot tell just now is not missing.
            guard fault.exit == .missing else { throw .system(fault) }
            throw .noDirectory(work.directory, reason: fault.reason)
        }
        guard let program = try find(work.words[0]) else { throw .noProgram(work.words[0]) }
        let variables =
            environment + [
                "SMELT_RUN=\(stored.flatMap { $0.part == .behindResult ? $0.run : nil } ?? claimed.run)",
                "\(CurrentAttempt.jobVariable)=\(claimed.lease.id)",
                "\(CurrentAttempt.numberVariable)=\(claimed.lease.attempt)",
                "\(CurrentAttempt.storeVariable)=\(store)",
                "\(CurrentAttempt.runVariable)=\(claimed.run)",
            ] + (claimed.kind == .manifest ? reviewing : [])
            + (worker.map { ["\(WorkerTarget.variable)=\($0.json)"] } ?? [])
        do throws(SystemFault) {
            let records = try files.makeFirst(spares)
            let errors = try RunFiles.make(files.errors)
            if claimed.kind != .command {
                try Self.fill(work.input, with: stored?.lines ?? claimed.body)
            }
            let ends = try files.makeGate()
            let inner = Descriptor(owning: ends.reading)
            let gate = Descriptor(owning: ends.writing)
            var command = Command()
            command.directory = work.directory
            command.leadsSession = true
            command.environment = variables
            let pid: Int32
            if claimed.kind != .manifest {
                let output = try RunFiles.make(files.output)
                command.arguments =
                    [
                        program, "--block-fd", "\(inner.number)", "--events", "\(records.number)",
                    ] + work.words.dropFirst()
                command.passing = [inner.number, records.number]
                pid = try Self.spawn(command, -1, output.number, errors.number)
            } else {
                command.arguments = gateKeeper + [work.input] + work.words
                pid = try Self.spawn(command, inner.number, records.number, errors.number)
            }
            do throws(SystemFault) {
                guard let process = HostProcess.find(pid) else {
                    throw SystemFault(ESRCH, "begin", "process \(pid)")
                }
                let progress = Progress(
                    process, boot: now.boot, began: now.wall, beganSteady: now.steady)
                let handles = try RunHandles(files, claimed, process, isChild: true)
                return Gated(
                    Run(claimed, files, handles, progress, isChild: true), gate: gate)
            } catch {
                kill(pid, SIGKILL)
                var status: Int32 = 0
                _ = retrying { waitpid(pid, &status, 0) }
                throw error
            }
        } catch { throw .system(error) }
    }

    /// Variables for the review of a manifest's result.
    private var reviewing: [String] {
        (rest == nil ? [] : ["SMELT_REVIEW=queue"])
            + (review?.json.map { ["\(ReviewRules.variable)=\($0)"] } ?? [])
    }

    /// Where it is, else nil. A place that cannot be looked at just now may have it.
    private func find(_ program: String) throws(DaemonFault) -> String? {
        let places =
            program.contains("/")
            ? [program] : path.split(separator: ":").map { "\($0)/\(program)" }
        var fault: SystemFault?
        for place in places {
            if access(place, X_OK) == 0 { return place }
            if ![ENOENT, ENOTDIR, EACCES, ELOOP, ENAMETOOLONG].contains(errno) {
                fault = fault ?? SystemFault(errno, "look for", place)
            }
        }
        if let fault { throw .system(fault) }
        return nil
    }

    private static func spawn(
        _ command: Command, _ input: Int32, _ output: Int32, _ errors: Int32
    ) throws(SystemFault) -> Int32 {
        do throws(CommandFault) {
            return try command.spawn(input: input, output: output, errors: errors)
        } catch {
            guard case .notStarted(let fault) = error else { throw SystemFault(EIO, "run", "sh") }
            throw fault
        }
    }

    private static func fill(_ path: String, with bytes: [UInt8]) throws(SystemFault) {
        let file = try RunFiles.make(path)
        var fault: SystemFault?
        bytes.withUnsafeBytes { raw in
            do throws(SystemFault) { try file.write(raw, name: path) } catch { fault = error }
        }
        if let fault { throw fault }
    }
}

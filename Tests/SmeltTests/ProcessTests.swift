import Glibc
import Smelt
import Testing

/// Which process is meant, and what belongs to a run.
struct ProcessTests {
    @Test func `a process is told from one that had its number`() throws {
        let own = try #require(HostProcess.find(getpid()))
        #expect(own.isAlive)
        let other = HostProcess(pid: own.pid, start: own.start + 1)
        #expect(!other.isAlive)
        // It would end these tests.
        #expect(!other.signal(SIGKILL))
        #expect(!own.signal(SIGKILL) { _ in false })
        #expect(own.signal(0))
    }

    /// A session that has begun something, with its first process or, when that has ended and is reaped, without.
    private func session(
        of run: RunID?, attempt: RunID? = nil, isHeaded: Bool,
        doing script: String = "sleep 1000 </dev/null &", _ body: (HostProcess) throws -> Void
    ) throws {
        let told = try Descriptor.pipe()
        let output = Descriptor(owning: told.reading)
        let gate = try Descriptor.pipe()
        var command = Command("/bin/sh", "-c", "\(script) echo; read -r go")
        command.leadsSession = true
        command.environment =
            ["PATH=/usr/bin:/bin"] + (run.map { ["SMELT_RUN=\($0)"] } ?? [])
            + (attempt.map { ["SMELT_ATTEMPT_RUN=\($0)"] } ?? [])
        let pid = try command.spawn(input: gate.reading, output: told.writing, errors: -1)
        close(gate.reading)
        close(told.writing)
        let leader = try #require(HostProcess.find(pid))
        var byte: UInt8 = 0
        try #require(read(output.number, &byte, 1) == 1)
        let session = RunSession(leader: leader, run: .make(), isOurs: true)
        if isHeaded {
            defer {
                session.end()
                reap(pid)
                close(gate.writing)
            }
            try body(leader)
        } else {
            close(gate.writing)
            reap(pid)
            defer { session.end() }
            try body(leader)
        }
    }

    private func reap(_ pid: Int32) {
        var status: Int32 = 0
        waitpid(pid, &status, 0)
    }

    @Test(.timeLimit(.minutes(1)))
    func `a run is its session while the first process is there`() throws {
        try session(of: nil, isHeaded: true) { leader in
            let whole = RunSession(leader: leader, run: .make(), isOurs: false)
            #expect(whole.members?.count == 2)
            let before = HostProcess(pid: leader.pid, start: leader.start - 1)
            #expect(RunSession(leader: before, run: .make(), isOurs: false).members == [])
            whole.end()
            // Who was killed ends when the kernel comes to it.
            while whole.members != [] { sched_yield() }
        }
    }

    @Test func `without the first process the id that something was begun with tells`() throws {
        let run = RunID.make()
        try session(of: run, isHeaded: false) { leader in
            let mine = RunSession(leader: leader, run: run, isOurs: false)
            let another = RunSession(leader: leader, run: .make(), isOurs: false)
            #expect(mine.members?.count == 1)
            #expect(another.members == [])
        }
    }

    @Test func `what goes on with an earlier run is known by the attempt's id`() throws {
        let (run, attempt) = (RunID.make(), RunID.make())
        try session(of: run, attempt: attempt, isHeaded: false) { leader in
            let names = ["SMELT_ATTEMPT_RUN", "SMELT_RUN"]
            let mine = RunSession(leader: leader, run: attempt, in: names, isOurs: false)
            #expect(mine.members?.count == 1)
        }
    }

    @Test func `one that was begun with the run's id tells of the others`() throws {
        let run = RunID.make()
        let script = "for clean in env 'env -i'; do $clean sleep 1000 </dev/null & done;"
        try session(of: run, isHeaded: false, doing: script) { leader in
            let mine = RunSession(leader: leader, run: run, isOurs: false)
            let another = RunSession(leader: leader, run: .make(), isOurs: false)
            #expect(mine.members?.count == 2)
            #expect(another.members == [])
        }
    }
}

import Glibc
import Sandbox
import Smelt
import Tasks

/// A task's sandbox: what the options say, and in it what the task says.
struct TaskPlan: ~Copyable {
    let spec: TaskSpec
    let plan: Plan
    /// Each attempt gets a copy of it.
    private let script: Descriptor?

    private static let scriptPath = "/run/smelt/script"

    init(_ words: Words, _ asked: AlonePolicy) throws {
        guard words.operands.isEmpty, words[AloneOptions.plan] == nil else {
            throw Usage("--task has the command: none can be given")
        }
        let spec = try Self.read(words[AloneOptions.task] ?? "-")
        var plan = try AlonePlan.make(words, asked)
        plan.environment.merge(spec.work.environment) { $1 }
        if let directory = spec.work.directory {
            plan.directory = Files.resolve(directory, against: plan.directory)
        }
        let most = plan.limits.wallSeconds ?? .infinity
        plan.limits.wallSeconds = min(spec.timeoutSeconds, most)
        var script: Descriptor?
        switch spec.work.mode {
        case .command(let program, let arguments):
            plan.command = [program] + arguments
        case .script(let interpreter, let body, let arguments):
            let file = try Descriptor(sealing: body, name: "script")
            plan.command = [interpreter.program, Self.scriptPath] + arguments
            plan.files.append(
                .copied(from: file.number, target: Self.scriptPath, mode: 0o444))
            script = consume file
        }
        self.spec = spec
        self.plan = plan
        self.script = consume script
    }

    private static func read(_ path: String) throws -> TaskSpec {
        let bytes =
            path == "-"
            // Through a second one: the first stays open, and the command's.
            ? try Descriptor(owning: fcntl(0, F_DUPFD_CLOEXEC, 3)).readAll(
                upTo: TaskReader.mostBytes, name: "standard input")
            : try Files.read(path, upTo: TaskReader.mostBytes)
        do throws(TaskFault) {
            return try TaskReader.read(bytes, file: path, runner: "smelt-exec")
        } catch {
            // One problem is the sentence itself.
            if case .invalid(_, let problems) = error, problems.count > 1 {
                for problem in problems { say("\(problem)\n") }
            }
            throw error
        }
    }
}

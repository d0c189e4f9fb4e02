import Sandbox
import Sessions
import Smelt

@main
enum SmeltExec {
    static func main() {
        var tool = Tool(
            "smelt-exec", summary: "runs commands that nobody trusts",
            options: AloneOptions.all + Consulting.all
                + [PipeOptions.startCommit, PipeOptions.enter, PipeOptions.tracer],
            operands: "[-- COMMAND [ARGUMENT...]]", strict: true
        ) { words in
            if words[PipeOptions.startCommit] { return try PipeOptions.prepareStart() }
            if let path = words[PipeOptions.enter] { try PipeOptions.enter(path) }
            if words[PipeOptions.tracer] { return try Tracer.run() }
            if words[Consulting.doctor] { return try Consulting.examine(words) }
            if words[Consulting.explain] { return try Consulting.explain(words) }
            if words[AloneOptions.check] { return try AloneCalls.check(words) }
            guard AloneOptions.isWanted(words) else {
                return try Crew(try PipeOptions.options(words)).run()
            }
            Alone.run(words)
        }
        // Whoever wrote "--", --plan or --task wants a command alone, whose own statuses reach up to 124.
        tool.status = { fault, arguments in
            let alone = arguments.contains {
                $0 == "--" || $0.hasPrefix("--plan") || $0.hasPrefix("--task")
            }
            return alone ? Alone.failed : fault.exit.rawValue
        }
        tool.start()
    }
}

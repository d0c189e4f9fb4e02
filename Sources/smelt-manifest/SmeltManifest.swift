import Manifest
import Records
import Smelt
import Toml

@main
enum SmeltManifest {
    static let run = Option("run", nil, .run, "use this run id instead of a new one")
    static let human = Option("human", nil, .flag, "print the plan for people instead")
    static let resume = Option(
        "resume", nil, .flag, "FILE is a log; print nothing where no session has to run again")

    static func main() {
        Tool(
            "smelt-manifest", summary: "Make, check and plan job manifests.",
            verbs: [
                Verb(
                    "init", operands: "[FILE]",
                    summary: "Write a manifest to start from (default \(Template.usualName)).",
                    body: begin),
                Verb(
                    "check", operands: "FILE...",
                    summary: "Report everything that is wrong in manifests and server files.",
                    body: check),
                Verb(
                    "plan", options: [run, human, resume], operands: "FILE|-",
                    summary:
                        "Write the run.planned record of a manifest, or of what failed in a log."
                ) { try plan($0) },
                Verb(
                    "schema", operands: "[manifest|records]",
                    summary: "Print the JSON Schema of manifests or of records.", body: schema),
            ]
        ).start()
    }

    static func begin(_ words: Words) throws -> Exit {
        guard words.operands.count <= 1 else { throw Usage("more than one file given") }
        let path = words.operands.first ?? Template.usualName
        try Template.write(to: path)
        try put("wrote \(path)\n")
        return .done
    }

    static func check(_ words: Words) throws -> Exit {
        guard !words.operands.isEmpty else { throw Usage("no manifest given") }
        var exit = Exit.done
        for file in words.operands {
            do throws(ManifestFault) {
                report(try FileCheck.warnings(in: file), in: file)
            } catch {
                tell(error)
                if exit == .done { exit = error.exit }
            }
        }
        return exit
    }

    static func plan(_ words: Words) throws -> Exit {
        guard words.operands.count == 1, let file = words.operands.first else {
            throw Usage(
                words.operands.isEmpty ? "no manifest given" : "more than one manifest given")
        }
        let id = words[run] ?? RunID.make()
        let output = LineWriter(1)
        do {
            let manifest: Manifest
            switch try PlanInput.read(file, isLog: words[resume]) {
            case .manifest(let read): manifest = read
            case .log(let log):
                guard !words[human] else { throw Usage("--human is for manifests") }
                return try goOn(with: log, file, id, words, output)
            }
            report(manifest.warnings, in: file)
            if words[human] {
                try put(manifest.description())
                return .done
            }
            let line = try manifest.plan(run: id)
            try line.withUnsafeBytes { try output.write($0) }
            return output.isUnheard ? .unheard : .done
        } catch let fault as ManifestFault {
            tell(fault)
            if !words[human] { try output.write(failed(fault), run: id) }
            return fault.exit
        }
    }

    /// What a pipeline behind us begins with that goes on with a run.
    private static func goOn(
        with log: LogPlan, _ file: String, _ id: RunID, _ words: Words, _ output: LineWriter
    ) throws -> Exit {
        do {
            guard let line = try log.line(run: id) else {
                guard words[resume] else { throw LogPlanFault.whole(file) }
                return .done
            }
            try line.withUnsafeBytes { try output.write($0) }
            return output.isUnheard ? .unheard : .done
        } catch let fault as any Fault {
            say("smelt-manifest: \(fault)\n")
            try output.write(Failed(stage: "manifest", fault), run: id)
            return fault.exit
        }
    }

    static func schema(_ words: Words) throws -> Exit {
        guard words.operands.count <= 1,
            let which = Schema(rawValue: words.operands.first ?? "manifest")
        else {
            throw Usage(
                "say which schema: \(Schema.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        try put(which.text())
        return .done
    }

    /// Tells the stages behind us why nothing is planned, so that none of them has to guess.
    private static func failed(_ fault: ManifestFault) -> Failed {
        Failed(
            stage: "manifest", code: fault.code, status: fault.exit.rawValue,
            message: fault.summary)
    }

    /// Problems stand as they are, so that editors find their places.
    private static func tell(_ fault: ManifestFault) {
        if case .invalid = fault { say("\(fault)\n") } else { say("smelt-manifest: \(fault)\n") }
    }

    private static func report(_ warnings: [Problem], in file: String) {
        for warning in warnings { say(warning.line(in: file) + "\n") }
    }
}

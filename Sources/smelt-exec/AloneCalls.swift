import Policies
import Sandbox
import Smelt
import Toml

/// `--seccomp PROFILE|FILE`, and `--check`.
enum AloneCalls {
    static func policy(_ words: Words) throws(SourceFault) -> SeccompPolicy? {
        switch words[AloneOptions.seccomp] {
        case nil: nil
        case .profile(let base): SeccompPolicy(base: base)
        case .file(let name): try SeccompFile.read(name).policy
        }
    }

    /// Problems and warnings of the files, each at its place.
    static func check(_ words: Words) throws -> Exit {
        var calls: String?
        if case .file(let name) = words[AloneOptions.seccomp] { calls = name }
        let policies = words.all(AlonePolicy.policies)
        guard calls != nil || !policies.isEmpty else {
            throw Usage("--check needs the file of --seccomp or --policy")
        }
        guard words.operands.isEmpty else {
            throw Usage("--check runs nothing: leave out the command")
        }
        do {
            if !policies.isEmpty {
                let read = try PolicyFiles(policies)
                for line in read.warnings + missing(read.policy) { say(line + "\n") }
            }
            if let calls {
                for warning in try SeccompFile.read(calls).warnings {
                    say(warning.line(in: calls) + "\n")
                }
            }
            return .done
        } catch let fault as any Fault {
            guard Alone.fileOfProblems(fault) != nil else { throw fault }
            say("\(fault)\n")
            return fault.exit
        }
    }

    /// What a policy grants, and where its secrets are, that is not here: it may be where the policy is used.
    private static func missing(_ policy: Policy) -> [String] {
        var places = policy.sources
        var lines: [String] = []
        func warn(_ origin: Origin, _ what: String) {
            lines.append("\(origin.text): warning: \(origin.path): \(what) is not there now")
        }
        for said in policy.secrets {
            switch said.value.source {
            case .file(let path): places.append(Said(path, said.origin))
            case .variable(let name):
                guard let origin = said.origin, Environment.nonEmpty(name) == nil else { continue }
                warn(origin, "the variable '\(name)'")
            case .descriptor: break
            }
        }
        for path in places {
            guard let origin = path.origin, !Files.exists(path.value) else { continue }
            warn(origin, "'\(path.value)'")
        }
        return lines
    }
}

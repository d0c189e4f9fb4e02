import Sandbox
import Smelt
import Toml

/// `--seccomp PROFILE|FILE`, and `--check`.
enum AloneCalls {
    static func policy(_ words: Words) throws(SourceFault) -> SeccompPolicy {
        switch words[AloneOptions.seccomp] {
        case nil: SeccompPolicy()
        case .profile(let base): SeccompPolicy(base: base)
        case .file(let name): try SeccompFile.read(name).policy
        }
    }

    /// Problems and warnings of the file, each at its place.
    static func check(_ words: Words) throws -> Exit {
        guard case .file(let name) = words[AloneOptions.seccomp] else {
            throw Usage("--check needs the file of --seccomp")
        }
        guard words.operands.isEmpty else {
            throw Usage("--check runs nothing: leave out the command")
        }
        do throws(SourceFault) {
            for warning in try SeccompFile.read(name).warnings {
                say(warning.line(in: name) + "\n")
            }
            return .done
        } catch {
            guard case .invalid = error else { throw error }
            say("\(error)\n")
            return error.exit
        }
    }
}

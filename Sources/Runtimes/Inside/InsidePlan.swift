internal import Glibc
package import Sandbox
internal import Smelt

extension Plan {
    /// What `smelt-inside` is asked to run the plan's command: files first, which go into memory there. Of a plan for an
    /// engine, which has no other grants. `input` is a path inside; empty is nothing.
    package func requests(input: String) throws -> [InsideFrame.Request] {
        var requests: [InsideFrame.Request] = []
        for grant in files {
            switch grant {
            case .file(let contents, let target, let mode):
                requests.append(.file(path: target, mode: mode, contents: Array(contents.utf8)))
            case .secret(let source, let name):
                requests.append(
                    .file(
                        path: "\(EnginePlace.secrets)/\(name)", mode: 0o400,
                        contents: try Self.contents(of: source)))
            default: throw SandboxFault.badPlan("'\(grant.target)' cannot be had on an engine")
            }
        }
        requests.append(
            .run(command: command, environment: environment, directory: directory, input: input))
        return requests
    }

    /// Of an open file, from its start on.
    private static func contents(of number: Int32) throws -> [UInt8] {
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = retrying { pread(number, &chunk, chunk.count, off_t(bytes.count)) }
            guard count >= 0 else { throw SystemFault(errno, "read", "a secret") }
            guard count > 0 else { return bytes }
            bytes += chunk[..<count]
        }
    }
}

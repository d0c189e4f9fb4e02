import Glibc
import Manifest
import Records
import Smelt
import Toml

/// What `plan` is given: a manifest, or the log of a run, which begins with the one byte that no manifest begins with.
enum PlanInput {
    case manifest(Manifest)
    case log(LogPlan)

    /// Reads it; `-` is standard input. With `isLog` it is known to be one.
    static func read(_ file: String, isLog known: Bool) throws -> PlanInput {
        guard file != "-" else { return try readInput(isLog: known) }
        // What is read of a pipe is gone.
        guard known || isRegular(file), let opened = try? Descriptor(opening: file, O_RDONLY)
        else { return .manifest(try Manifest.read(file)) }
        let begun = try begin(of: opened.number)
        guard known || isLog(begun) else { return .manifest(try Manifest.read(file)) }
        let plan = try LogPlan(reading: LineReader(opened.number, begun: begun), name: file)
        _ = consume opened
        return .log(plan)
    }

    private static func readInput(isLog known: Bool) throws -> PlanInput {
        let begun = try begin(of: 0)
        if known || isLog(begun) {
            return .log(try LogPlan(reading: LineReader(0, begun: begun), name: "standard input"))
        }
        return .manifest(try Manifest.read("-", begun: begun))
    }

    private static func isRegular(_ path: String) -> Bool {
        var facts = stat()
        return stat(path, &facts) == 0 && facts.st_mode & S_IFMT == S_IFREG
    }

    private static func isLog(_ bytes: [UInt8]) -> Bool {
        bytes.first { !isSpace($0) } == UInt8(ascii: "{")
    }

    /// As much as there is at once, up to the first byte that is no space.
    private static func begin(of descriptor: Int32) throws -> [UInt8] {
        var begun: [UInt8] = []
        var room = [UInt8](repeating: 0, count: 4096)
        while begun.allSatisfy(isSpace), begun.count < 1 << 16 {
            let count = Glibc.read(descriptor, &room, room.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else {
                throw ManifestFault.unreadable(SystemFault(errno, "read", "standard input"))
            }
            if count == 0 { break }
            begun += room[..<count]
        }
        return begun
    }

    private static func isSpace(_ byte: UInt8) -> Bool { [9, 10, 13, 32].contains(byte) }
}

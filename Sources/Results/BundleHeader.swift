internal import Smelt

/// What stands before the pack in a bundle (gitformat-bundle(5)), read by us from a descriptor byte
/// by byte, so that the pack begins exactly where we stop. git is not asked: its own readers take
/// more than we want to know about.
struct BundleHeader: Equatable, Sendable {
    /// Commits that the receiver must have.
    var prerequisites: [String] = []
    var commit: String
    var objects: Int

    /// Signature, references, prerequisites with their subjects.
    static let longest = 65_536

    /// Reads up to and including the pack's own head of twelve bytes. `branch` is the one reference that
    /// may be in it. Waits at most until `deadline` (monotonic seconds).
    init(reading descriptor: Int32, branch: String, objects most: Int, deadline: Double) throws {
        var reader = Bytes(descriptor: descriptor, deadline: deadline)
        let version: Int
        switch try reader.line() {
        case Array("# v2 git bundle".utf8): version = 2
        case Array("# v3 git bundle".utf8): version = 3
        default: throw QuarantineFault.badBundle("it does not begin as a bundle")
        }
        var found: [(commit: String, name: [UInt8])] = []
        while case let line = try reader.line(), !line.isEmpty {
            switch line[0] {
            case UInt8(ascii: "@"):
                guard version == 3, found.isEmpty, prerequisites.isEmpty,
                    line == Array("@object-format=sha1".utf8)
                else { throw QuarantineFault.badBundle("it asks for \(Self.shown(line))") }
            case UInt8(ascii: "-"):
                guard found.isEmpty, line.count == 41 || line.dropFirst(41).first == 32 else {
                    throw QuarantineFault.badBundle("a prerequisite is \(Self.shown(line))")
                }
                prerequisites.append(try Self.name(line[1..<min(41, line.count)]))
            default:
                guard line.count > 41, line[40] == 32 else {
                    throw QuarantineFault.badBundle("a reference is \(Self.shown(line))")
                }
                found.append((try Self.name(line[..<40]), Array(line[41...])))
            }
        }
        guard let first = found.first, found.count == 1, first.name == Array(branch.utf8) else {
            let names = found.prefix(3).map { Self.shown($0.name) }.joined(separator: ", ")
            throw QuarantineFault.badBundle(
                "it brings \(found.isEmpty ? "nothing" : names) and not only '\(branch)'")
        }
        commit = first.commit

        let head = try reader.take(12)
        func number(_ at: Int) -> Int { head[at..<at + 4].reduce(0) { $0 << 8 | Int($1) } }
        guard head.starts(with: "PACK".utf8), number(4) == 2 else {
            throw QuarantineFault.badBundle("its pack does not begin as one")
        }
        objects = number(8)
        guard objects <= most else {
            throw QuarantineFault.beyond("objects", "\(objects)", "\(most)")
        }
    }

    private static func name(_ digits: some Collection<UInt8>) throws(QuarantineFault) -> String {
        guard digits.count == 40,
            digits.allSatisfy({ (48...57).contains($0) || (97...102).contains($0) })
        else { throw .badBundle("an object's name is no name") }
        return String(decoding: digits, as: UTF8.self)
    }

    private static func shown(_ line: [UInt8]) -> String {
        "'\(Visible.line(String(decoding: line.prefix(80), as: UTF8.self)))'"
    }
}

/// A bounded start of a stream; nothing is read ahead.
private struct Bytes {
    let descriptor: Int32
    let deadline: Double
    var left = BundleHeader.longest

    init(descriptor: Int32, deadline: Double) {
        self.descriptor = descriptor
        self.deadline = deadline
    }

    mutating func byte() throws -> UInt8 {
        guard left > 0 else {
            throw QuarantineFault.beyond("header", "longer", "\(BundleHeader.longest) bytes")
        }
        left -= 1
        guard let byte = try Waiting.byte(from: descriptor, until: deadline) else {
            throw QuarantineFault.badBundle("it is cut off")
        }
        return byte
    }

    mutating func line() throws -> [UInt8] {
        var line: [UInt8] = []
        while case let next = try byte(), next != 10 { line.append(next) }
        return line
    }

    mutating func take(_ count: Int) throws -> [UInt8] {
        var bytes: [UInt8] = []
        while bytes.count < count { bytes.append(try byte()) }
        return bytes
    }
}

import Smelt

/// Packs that git itself would never write, byte by byte (gitformat-pack(5)).
struct PackMaker {
    private var bytes: [UInt8] = []
    private var count: UInt32 = 0
    private var offsets: [Int] = []

    enum Kind: UInt8 { case commit = 1, tree = 2, blob = 3 }

    mutating func add(_ kind: Kind, _ content: [UInt8]) {
        begin(type: kind.rawValue, size: content.count)
        bytes += Self.stored(content)
    }

    /// A delta against the object added `back` objects ago.
    mutating func add(delta: [UInt8], back: Int = 1) {
        let base = offsets[offsets.count - back]
        begin(type: 6, size: delta.count)
        var distance = offsets[offsets.count - 1] - base
        var digits = [UInt8(distance & 127)]
        distance >>= 7
        while distance > 0 {
            distance -= 1
            digits.append(UInt8(distance & 127) | 128)
            distance >>= 7
        }
        bytes += digits.reversed()
        bytes += Self.stored(delta)
    }

    /// The whole bundle of one branch.
    func bundle(of branch: String, at commit: String) throws -> [UInt8] {
        let pack = self.pack()
        var sum = Command("sha1sum")
        sum.input = .bytes(pack)
        let digits = Array(try sum.run().text.prefix(40))
        let trailer = stride(from: 0, to: 40, by: 2).compactMap {
            UInt8(String(digits[$0...$0 + 1]), radix: 16)
        }
        return Array("# v2 git bundle\n\(commit) \(branch)\n\n".utf8) + pack + trailer
    }

    func pack() -> [UInt8] {
        Array("PACK".utf8) + Self.big(2) + Self.big(count) + bytes
    }

    /// The sizes of source and result, then instructions.
    static func delta(from source: Int, to result: Int, _ instructions: [UInt8]) -> [UInt8] {
        varying(source) + varying(result) + instructions
    }

    private mutating func begin(type: UInt8, size: Int) {
        offsets.append(bytes.count)
        count += 1
        var rest = size >> 4
        var byte = type << 4 | UInt8(size & 15)
        while rest > 0 {
            bytes.append(byte | 128)
            byte = UInt8(rest & 127)
            rest >>= 7
        }
        bytes.append(byte)
    }

    private static func varying(_ number: Int) -> [UInt8] {
        var rest = number
        var bytes: [UInt8] = []
        repeat {
            bytes.append(UInt8(rest & 127) | (rest > 127 ? 128 : 0))
            rest >>= 7
        } while rest > 0
        return bytes
    }

    static func big(_ number: UInt32) -> [UInt8] {
        [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: number >> UInt32($0)) }
    }

    /// zlib without compression.
    static func stored(_ content: [UInt8]) -> [UInt8] {
        var bytes: [UInt8] = [0x78, 0x01]
        var rest = content[...]
        repeat {
            let piece = rest.prefix(65_535)
            rest = rest.dropFirst(piece.count)
            let (low, high) = (UInt8(piece.count & 255), UInt8(piece.count >> 8))
            bytes += [rest.isEmpty ? 1 : 0, low, high, ~low, ~high] + piece
        } while !rest.isEmpty
        var (a, b): (UInt32, UInt32) = (1, 0)
        for byte in content {
            a = (a + UInt32(byte)) % 65_521
            b = (b + a) % 65_521
        }
        return bytes + big(b << 16 | a)
    }
}

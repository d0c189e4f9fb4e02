internal import Glibc

/// SHA-256 (FIPS 180-4), for the digests that records carry. Ours, because a library for it would
/// cost a static executable more than these lines.
package struct SHA256: Sendable {
    private var state: [UInt32] = [
        0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a,
        0x510e_527f, 0x9b05_688c, 0x1f83_d9ab, 0x5be0_cd19,
    ]
    /// Bytes of a block that is not full yet.
    private var pending: [UInt8] = []
    private var length: UInt64 = 0
    private var schedule = [UInt32](repeating: 0, count: 64)

    package init() {
        pending.reserveCapacity(64)
    }

    package mutating func update(_ bytes: some Collection<UInt8>) {
        let handled: Void? = bytes.withContiguousStorageIfAvailable {
            update(UnsafeRawBufferPointer($0))
        }
        if handled == nil { Array(bytes).withUnsafeBytes { update($0) } }
    }

    package mutating func update(_ bytes: UnsafeRawBufferPointer) {
        length &+= UInt64(bytes.count)
        var at = 0
        if !pending.isEmpty {
            at = min(64 - pending.count, bytes.count)
            pending.append(contentsOf: bytes[..<at])
            guard pending.count == 64 else { return }
            let block = pending
            block.withUnsafeBytes { compress($0) }
            pending.removeAll(keepingCapacity: true)
        }
        while at + 64 <= bytes.count {
            compress(UnsafeRawBufferPointer(rebasing: bytes[at..<at + 64]))
            at += 64
        }
        pending.append(contentsOf: bytes[at...])
    }

    /// The digest of all that came, as 64 lower-case hexadecimal digits.
    package consuming func finish() -> String {
        let bits = length &* 8
        var tail: [UInt8] = [0x80]
        tail += [UInt8](repeating: 0, count: (119 - pending.count) % 64)
        for shift in stride(from: 56, through: 0, by: -8) {
            tail.append(UInt8(truncatingIfNeeded: bits >> UInt64(shift)))
        }
        update(tail)
        let digits = Array("0123456789abcdef".utf8)
        var text: [UInt8] = []
        for word in state {
            for shift in stride(from: UInt32(28), through: 0, by: -4) {
                text.append(digits[Int(word >> shift & 15)])
            }
        }
        return String(decoding: text, as: UTF8.self)
    }

    package static func digest(_ bytes: some Collection<UInt8>) -> String {
        var sum = SHA256()
        sum.update(bytes)
        return sum.finish()
    }

    /// The digest of a whole file, which is read in pieces.
    package static func digest(file path: String) throws -> String {
        let file = try Descriptor(opening: path, O_RDONLY)
        var sum = SHA256()
        var chunk = [UInt8](repeating: 0, count: 262_144)
        while true {
            let count = retrying { read(file.number, &chunk, chunk.count) }
            guard count >= 0 else { throw SystemFault(errno, "read", path) }
            guard count > 0 else { return sum.finish() }
            chunk.withUnsafeBytes { sum.update(UnsafeRawBufferPointer(rebasing: $0[..<count])) }
        }
    }

    private mutating func compress(_ block: UnsafeRawBufferPointer) {
        schedule.withUnsafeMutableBufferPointer { words in
            for index in 0..<16 {
                words[index] = UInt32(
                    bigEndian: block.loadUnaligned(fromByteOffset: index * 4, as: UInt32.self))
            }
            for index in 16..<64 {
                let (x, y) = (words[index - 15], words[index - 2])
                let small = Self.turn(x, 7) ^ Self.turn(x, 18) ^ (x >> 3)
                let large = Self.turn(y, 17) ^ Self.turn(y, 19) ^ (y >> 10)
                words[index] = words[index - 16] &+ small &+ words[index - 7] &+ large
            }
        }
        var (a, b, c, d) = (state[0], state[1], state[2], state[3])
        var (e, f, g, h) = (state[4], state[5], state[6], state[7])
        schedule.withUnsafeBufferPointer { words in
            Self.constants.withUnsafeBufferPointer { constants in
                for index in 0..<64 {
                    let s1 = Self.turn(e, 6) ^ Self.turn(e, 11) ^ Self.turn(e, 25)
                    let choice = (e & f) ^ (~e & g)
                    let first = h &+ s1 &+ choice &+ constants[index] &+ words[index]
                    let s0 = Self.turn(a, 2) ^ Self.turn(a, 13) ^ Self.turn(a, 22)
                    let majority = (a & b) ^ (a & c) ^ (b & c)
                    let second = s0 &+ majority
                    (h, g, f, e) = (g, f, e, d &+ first)
                    (d, c, b, a) = (c, b, a, first &+ second)
                }
            }
        }
        for (index, word) in [a, b, c, d, e, f, g, h].enumerated() {
            state[index] = state[index] &+ word
        }
    }

    @inline(__always)
    private static func turn(_ word: UInt32, _ count: UInt32) -> UInt32 {
        word >> count | word << (32 - count)
    }

    /// The first 32 bits of the fractional parts of the cube roots of the first 64 primes.
    private static let constants: [UInt32] = [
        0x428a_2f98, 0x7137_4491, 0xb5c0_fbcf, 0xe9b5_dba5, 0x3956_c25b, 0x59f1_11f1,
        0x923f_82a4, 0xab1c_5ed5, 0xd807_aa98, 0x1283_5b01, 0x2431_85be, 0x550c_7dc3,
        0x72be_5d74, 0x80de_b1fe, 0x9bdc_06a7, 0xc19b_f174, 0xe49b_69c1, 0xefbe_4786,
        0x0fc1_9dc6, 0x240c_a1cc, 0x2de9_2c6f, 0x4a74_84aa, 0x5cb0_a9dc, 0x76f9_88da,
        0x983e_5152, 0xa831_c66d, 0xb003_27c8, 0xbf59_7fc7, 0xc6e0_0bf3, 0xd5a7_9147,
        0x06ca_6351, 0x1429_2967, 0x27b7_0a85, 0x2e1b_2138, 0x4d2c_6dfc, 0x5338_0d13,
        0x650a_7354, 0x766a_0abb, 0x81c2_c92e, 0x9272_2c85, 0xa2bf_e8a1, 0xa81a_664b,
        0xc24b_8b70, 0xc76c_51a3, 0xd192_e819, 0xd699_0624, 0xf40e_3585, 0x106a_a070,
        0x19a4_c116, 0x1e37_6c08, 0x2748_774c, 0x34b0_bcb5, 0x391c_0cb3, 0x4ed8_aa4a,
        0x5b9c_ca4f, 0x682e_6ff3, 0x748f_82ee, 0x78a5_636f, 0x84c8_7814, 0x8cc7_0208,
        0x90be_fffa, 0xa450_6ceb, 0xbef9_a3f7, 0xc671_78f2,
    ]
}

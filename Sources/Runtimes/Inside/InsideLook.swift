package import Sandbox

/// What `smelt-inside` says of a disk, in its words.
extension DiskFound {
    /// More bytes than any disk has; sums and differences of a few such figures are still numbers.
    static let most = 1 << 60

    /// The flags are those of smelt-inside's look.h.
    init(flags: UInt32, bytes: UInt64) {
        self.init(
            bytes: Int(min(bytes, UInt64(Self.most))), missed: flags & 1 != 0,
            isBeyond: flags & 6 != 0)
    }

    /// What `smelt-inside look` prints: bytes and flags.
    package init?(_ line: some StringProtocol) {
        let words = line.split(separator: " ")
        guard words.count == 2, let bytes = UInt64(words[0]), let flags = UInt32(words[1]) else {
            return nil
        }
        self.init(flags: flags, bytes: bytes)
    }

    /// The same as it is kept.
    package var line: String { "\(bytes) \((missed ? 1 : 0) + (isBeyond ? 2 : 0))" }
}

internal import Glibc
internal import Smelt

/// git's index, versions 2 and 3 (gitformat-index(5)), as far as it takes to set the times of its
/// entries.
struct IndexFile {
    let path: String

    /// Sets every entry's time of change. The checksum at the end is left wrong: git does not look
    /// at it when it reads and writes a new one.
    func setTimes(to seconds: UInt32) throws {
        var bytes = try Files.read(path, upTo: 2 << 30)
        let count = try bytes.withUnsafeMutableBytes { try patch($0, seconds) }
        guard count > 0 else { return }
        let file = try Descriptor(opening: path, O_WRONLY)
        try bytes.withUnsafeBytes { try file.write($0, name: path) }
    }

    private func patch(_ bytes: UnsafeMutableRawBufferPointer, _ seconds: UInt32) throws -> Int {
        func number(_ at: Int) -> UInt32 {
            UInt32(bigEndian: bytes.loadUnaligned(fromByteOffset: at, as: UInt32.self))
        }
        guard bytes.count >= 32, bytes.prefix(4).elementsEqual("DIRC".utf8),
            (2...3).contains(number(4))
        else { throw IndexFault(path: path) }
        let count = Int(number(8))
        var at = 12
        for _ in 0..<count {
            guard at + 62 < bytes.count - 20 else { throw IndexFault(path: path) }
            bytes.storeBytes(of: seconds.bigEndian, toByteOffset: at + 8, as: UInt32.self)
            bytes.storeBytes(of: 0, toByteOffset: at + 12, as: UInt32.self)
            let flags = UInt16(
                bigEndian: bytes.loadUnaligned(fromByteOffset: at + 60, as: UInt16.self))
            let name = at + (flags & 0x4000 != 0 ? 64 : 62)
            guard let end = bytes[name...].firstIndex(of: 0) else {
                throw IndexFault(path: path)
            }
            // One to eight NULs, so that the next entry begins at a multiple of eight.
            at += (end - at + 8) / 8 * 8
        }
        return count
    }
}

/// An index that is not as we had git write it.
struct IndexFault: Fault {
    let path: String
    var exit: Exit { .bug }
    var description: String { "could not read '\(path)': it is no index of version 2 or 3" }
}

internal import Glibc

enum Bytes {
    /// Where the line that begins at `start` ends, its line end included; nil where there is none.
    static func lineEnd(in bytes: UnsafeRawBufferPointer, from start: Int) -> Int? {
        guard start < bytes.count, let base = bytes.baseAddress,
            let found = memchr(base + start, 10, bytes.count - start)
        else { return nil }
        return UnsafeRawPointer(found) - base + 1
    }

    static func lines(in bytes: [UInt8]) -> Int {
        bytes.withUnsafeBytes { raw in
            var count = 0
            var at = 0
            while let end = lineEnd(in: raw, from: at) {
                count += 1
                at = end
            }
            return count
        }
    }
}

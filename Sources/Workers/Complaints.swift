internal import Glibc
internal import Smelt

/// What a program complains, read as it comes, so that it never waits for a reader; the last of it is kept.
final class Complaints {
    private let file: Descriptor
    private var bytes: [UInt8] = []
    private var isAtEnd = false

    private static let most = 64 << 10

    init(owning number: Int32) {
        file = Descriptor(owning: number)
        _ = fcntl(number, F_SETFL, O_NONBLOCK)
    }

    /// To wait for; -1 when there will be no more.
    var descriptor: Int32 { isAtEnd ? -1 : file.number }

    /// Reads what is there.
    func take() {
        var chunk = [UInt8](repeating: 0, count: 1 << 16)
        // Who writes faster than we read is read on the next time.
        for _ in 0..<16 where !isAtEnd {
            let count = retrying { read(file.number, &chunk, chunk.count) }
            guard count > 0 else {
                if count == 0 || errno != EAGAIN { isAtEnd = true }
                return
            }
            bytes += chunk[..<count]
            if bytes.count > Self.most { bytes.removeFirst(bytes.count - Self.most) }
        }
    }

    var text: String { String(decoding: bytes, as: UTF8.self) }
}

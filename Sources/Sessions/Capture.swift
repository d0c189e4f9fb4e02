internal import Glibc
internal import Smelt

/// What a program of ours prints for us: its first line, and what follows it in a file when one is
/// given. Bounded.
final class Capture {
    private(set) var descriptor: Int32
    /// Without the line end; nil until it is whole.
    private(set) var firstLine: String?
    /// More came than the bound allows.
    private(set) var isTooLong = false
    /// Bytes behind the first line.
    private(set) var count = 0

    private var start: [UInt8] = []
    private let file: Int32
    private let limit: Int

    /// Takes over the reading end of a pipe. The rest goes into `path`, made anew.
    init(_ descriptor: Int32, restInto path: String?, limit: Int) throws(SystemFault) {
        self.descriptor = descriptor
        self.limit = limit
        if descriptor >= 0 { _ = fcntl(descriptor, F_SETFL, O_NONBLOCK) }
        if let path {
            // Readable inside, where a gate gets it; the directory around it is nobody else's.
            file = try Descriptor(
                opening: path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW, mode: 0o644
            ).release()
        } else {
            file = -1
        }
    }

    deinit {
        if descriptor >= 0 { close(descriptor) }
        if file >= 0 { close(file) }
    }

    var isOpen: Bool { descriptor >= 0 }

    /// One whose bytes come otherwise, by `take`.
    convenience init(restInto path: String?, limit: Int) throws(SystemFault) {
        try self.init(-1, restInto: path, limit: limit)
    }

    func read() throws {
        var bytes = [UInt8](repeating: 0, count: 65_536)
        let count = retrying { Glibc.read(descriptor, &bytes, bytes.count) }
        if count < 0, errno == EAGAIN { return }
        if count < 0 { throw SystemFault(errno, "read", "what a session's git prints") }
        guard count > 0 else { return finish() }
        try take(bytes[..<count])
    }

    func take(_ bytes: ArraySlice<UInt8>) throws {
        var rest = bytes
        if firstLine == nil {
            guard let end = rest.firstIndex(of: 10) else {
                start += rest
                isTooLong = start.count > 4096
                return
            }
            firstLine = String(decoding: start + rest[..<end], as: UTF8.self)
            rest = rest[(end + 1)...]
        }
        self.count += rest.count
        guard self.count <= limit else {
            isTooLong = true
            return
        }
        guard file >= 0 else { return }
        try rest.withUnsafeBytes { try writeAll($0, to: file, name: "a session's bundle") }
    }

    func finish() {
        if descriptor >= 0 { close(descriptor) }
        descriptor = -1
    }
}

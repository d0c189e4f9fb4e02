internal import Glibc
package import Smelt

/// Lines from a descriptor, at most `longestLine` each, without copying those that nobody wants.
package final class LineReader {
    package enum Piece {
        /// A whole line, line end included (the last one of a cut input may lack it).
        case line(UnsafeRawBufferPointer)
        /// A line that is too long: its size and its first bytes. Its rest was thrown away.
        case tooLong(size: Int, start: [UInt8])
    }

    package let descriptor: Int32
    /// Of the line that came last, from 1.
    package private(set) var number = 0

    private let buffer: UnsafeMutableRawBufferPointer
    private var start = 0
    private var end = 0
    private var ended = false
    /// Bytes of a line that does not fit, already thrown away.
    private var skipped = 0
    private var skippedStart: [UInt8] = []

    /// `begun` was read from it already, at most a line's length.
    package init(_ descriptor: Int32, begun: [UInt8] = []) {
        self.descriptor = descriptor
        // Twice the longest line: a whole one always fits behind what is being looked at.
        buffer = .allocate(byteCount: 2 * longestLine, alignment: 16)
        widenPipe(descriptor, to: longestLine)
        buffer.copyBytes(from: begun)
        end = begun.count
    }

    deinit {
        buffer.deallocate()
    }

    /// Reads once, which may wait. False when a signal cut it short or nothing was there. After a
    /// fault there is no more.
    @discardableResult
    package func fill() throws(SystemFault) -> Bool {
        if start == end { (start, end) = (0, 0) }
        if end == buffer.count { compact() }
        let room = UnsafeMutableRawBufferPointer(rebasing: buffer[end...])
        let count = read(descriptor, room.baseAddress, room.count)
        if count < 0 {
            if errno == EINTR || errno == EAGAIN { return false }
            ended = true
            throw SystemFault(errno, "read", "standard input")
        }
        ended = count == 0
        end += count
        return true
    }

    /// The next line that is already here; nil when more must be read or, with `isAtEnd`, when
    /// there is no more. The bytes stay valid until the next call.
    package func next() -> Piece? {
        while start < end {
            let rest = UnsafeRawBufferPointer(rebasing: buffer[start..<end])
            guard let base = rest.baseAddress, let found = memchr(base, 10, rest.count) else {
                break
            }
            let length = UnsafeRawPointer(found) - base + 1
            start += length
            return piece(UnsafeRawBufferPointer(rebasing: rest[..<length]))
        }
        if ended, start < end || skipped > 0 {
            let rest = UnsafeRawBufferPointer(rebasing: buffer[start..<end])
            start = end
            return piece(rest)
        }
        if end - start > longestLine { discard() }
        return nil
    }

    /// Nothing more will come.
    package var isAtEnd: Bool { ended && start == end && skipped == 0 }

    private func piece(_ line: UnsafeRawBufferPointer) -> Piece {
        number += 1
        let size = skipped + line.count
        // The last line of a cut input will need its line end.
        guard size + (line.last == 10 ? 0 : 1) > longestLine else { return .line(line) }
        let first = skipped > 0 ? skippedStart : Array(line.prefix(64))
        (skipped, skippedStart) = (0, [])
        return .tooLong(size: size, start: first)
    }

    private func discard() {
        if skipped == 0 { skippedStart = Array(buffer[start..<min(end, start + 64)]) }
        skipped += end - start
        (start, end) = (0, 0)
    }

    private func compact() {
        guard let base = buffer.baseAddress else { return }
        memmove(base, base + start, end - start)
        (start, end) = (0, end - start)
    }
}

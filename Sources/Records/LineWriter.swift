internal import Glibc
package import Smelt

/// Lines to a descriptor. After nobody reads any more (EPIPE) it says so once and for all and drops
/// what follows.
///
/// Normally each write waits until the kernel has it. After `holdBack` it never waits: what the
/// reader does not take stays here, and the owner stops making more once `isFull`.
package final class LineWriter {
    package let descriptor: Int32
    package private(set) var isUnheard = false
    /// Sees each stretch of whole lines before it is handed on, also when nobody reads any more. The
    /// bytes are valid during the call only.
    package var observer: ((UnsafeRawBufferPointer) -> Void)?
    /// For an owner who has more to do than to write: hears of the first fault, which is not thrown
    /// but kept in `fault`, and from then on it is as if nobody read any more.
    package var onFault: ((SystemFault) -> Void)?
    package private(set) var fault: SystemFault?

    private var held: [UInt8] = []
    private var heldStart = 0
    /// A second open file on the same pipe, so that not waiting is not forced on whoever else
    /// writes to it (the flag belongs to the open file).
    private var unwaiting: Int32 = -1
    private var limit: Int?

    package init(_ descriptor: Int32) {
        self.descriptor = descriptor
        widenPipe(descriptor, to: longestLine)
    }

    deinit {
        if unwaiting >= 0 { close(unwaiting) }
    }

    /// From now on holds up to `limit` bytes (and whatever one write adds) instead of waiting.
    package func holdBack(_ limit: Int) {
        self.limit = limit
        var facts = stat()
        // A regular file always takes everything, and has its offset in common with others.
        guard fstat(descriptor, &facts) == 0, facts.st_mode & S_IFMT != S_IFREG else { return }
        unwaiting = open("/proc/self/fd/\(descriptor)", O_WRONLY | O_NONBLOCK | O_CLOEXEC)
    }

    package var isFull: Bool { limit.map { held.count - heldStart >= $0 } ?? false }
    package var isEmpty: Bool { held.count == heldStart }

    package func write(_ bytes: UnsafeRawBufferPointer) throws(SystemFault) {
        observer?(bytes)
        guard !isUnheard, !bytes.isEmpty else { return }
        guard limit != nil else { return try wait(for: bytes) }
        let taken = isEmpty ? try offer(bytes) : 0
        held.append(contentsOf: UnsafeRawBufferPointer(rebasing: bytes[taken...]))
    }

    package func write(_ record: some Record, run: RunID) throws {
        let line = try RecordJSON.line(record, run: run)
        try line.withUnsafeBytes { try write($0) }
    }

    /// Gives the reader as much of what is held as it takes at once.
    package func push() throws(SystemFault) {
        guard !isEmpty, !isUnheard else { return }
        var taken = 0
        var fault: SystemFault?
        held.withUnsafeBytes { raw in
            do throws(SystemFault) {
                taken = try offer(UnsafeRawBufferPointer(rebasing: raw[heldStart...]))
            } catch { fault = error }
        }
        if let fault { throw fault }
        heldStart += taken
        if isEmpty {
            held.removeAll(keepingCapacity: held.capacity <= 4 << 20)
            heldStart = 0
        } else if heldStart > 1 << 20 {
            held.removeFirst(heldStart)
            heldStart = 0
        }
    }

    /// Waits until everything is with the kernel; the end of holding back.
    package func finish() throws(SystemFault) {
        limit = nil
        let rest = Array(held[heldStart...])
        (held, heldStart) = ([], 0)
        var fault: SystemFault?
        rest.withUnsafeBytes { raw in
            do throws(SystemFault) { try write(raw) } catch { fault = error }
        }
        if let fault { throw fault }
    }

    /// Looks whether the reader has gone, without writing.
    package func look() {
        var waiting = pollfd(fd: descriptor, events: 0, revents: 0)
        if poll(&waiting, 1, 0) > 0, waiting.revents & Int16(POLLERR) != 0 { isUnheard = true }
    }

    private func wait(for bytes: UnsafeRawBufferPointer) throws(SystemFault) {
        do { try writeAll(bytes, to: descriptor, name: "standard output") } catch {
            try swallow(error)
        }
    }

    private func offer(_ bytes: UnsafeRawBufferPointer) throws(SystemFault) -> Int {
        var taken = 0
        while taken < bytes.count {
            let rest = UnsafeRawBufferPointer(rebasing: bytes[taken...])
            var count: Int
            if unwaiting >= 0 {
                count = retrying { Glibc.write(unwaiting, rest.baseAddress, rest.count) }
            } else {
                // Something that cannot be opened again, such as a socket or somebody else's pipe.
                count = retrying {
                    send(descriptor, rest.baseAddress, rest.count, Int32(MSG_DONTWAIT))
                }
                if count < 0, errno == ENOTSOCK { count = offerPart(rest) }
            }
            if count < 0 {
                if errno == EAGAIN { return taken }
                try swallow(SystemFault(errno, "write", "standard output"))
                return bytes.count
            }
            taken += count
        }
        return taken
    }

    /// What is ready to be written to takes this much without waiting. Answers as `write` does.
    private func offerPart(_ bytes: UnsafeRawBufferPointer) -> Int {
        var waiting = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        guard retrying({ poll(&waiting, 1, 0) }) > 0 else {
            errno = EAGAIN
            return -1
        }
        let part = min(bytes.count, Int(PIPE_BUF))
        return retrying { Glibc.write(descriptor, bytes.baseAddress, part) }
    }

    private func swallow(_ fault: SystemFault) throws(SystemFault) {
        (held, heldStart) = ([], 0)
        guard fault.number == EPIPE || onFault != nil else { throw fault }
        isUnheard = true
        guard fault.number != EPIPE else { return }
        self.fault = fault
        onFault?(fault)
    }
}

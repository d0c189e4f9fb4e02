internal import Glibc
internal import Smelt

/// Reading from somebody who may never write: bounded by a deadline and ended by INT and TERM.
enum Waiting {
    /// The next byte, nil at the end.
    static func byte(from descriptor: Int32, until deadline: Double) throws -> UInt8? {
        var byte: UInt8 = 0
        while true {
            try readable(descriptor, until: deadline)
            let count = read(descriptor, &byte, 1)
            if count > 0 { return byte }
            if count == 0 { return nil }
            guard errno == EINTR || errno == EAGAIN else {
                throw SystemFault(errno, "read", "a bundle")
            }
        }
    }

    /// Returns when there is something to read, or the end.
    static func readable(_ descriptor: Int32, until deadline: Double) throws {
        while true {
            var waiting = [
                pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0),
                pollfd(fd: Interruption.descriptor, events: Int16(POLLIN), revents: 0),
            ]
            let left = deadline - monotonicSeconds()
            guard left > 0 else { throw QuarantineFault.tooSlow }
            let ready = poll(&waiting, 2, Int32(min(left * 1000, 1e6)) + 1)
            try Interruption.check()
            if ready > 0, waiting[0].revents != 0 { return }
        }
    }
}

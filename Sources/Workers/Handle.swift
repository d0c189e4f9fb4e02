internal import CSystem
internal import Glibc
internal import Smelt

/// A child as something to wait for.
struct Handle: ~Copyable {
    /// Readable when it has ended; -1 where that could not be had.
    let number: Int32

    init(_ process: Int32) { number = system_process_handle(process) }
    deinit { if number >= 0 { close(number) } }

    /// Whether it has ended by that time on the monotonic clock.
    func waits(until deadline: Double) -> Bool {
        var waiting = pollfd(fd: number, events: Int16(POLLIN), revents: 0)
        let left = max(0, deadline - monotonicSeconds())
        return retrying { poll(&waiting, 1, Int32(left * 1000)) } > 0
    }
}

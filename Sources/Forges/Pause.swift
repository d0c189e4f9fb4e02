internal import Glibc
internal import Smelt

/// Waiting that a signal, or a reader that goes away, cuts short.
package enum Pause {
    /// Sleeps `seconds`; `output` is a descriptor whose reader's leaving ends the wait with 141.
    package static func wait(_ seconds: Double, output: Int32 = -1) throws {
        let until = monotonicSeconds() + seconds
        while true {
            try Interruption.check()
            let left = until - monotonicSeconds()
            if left <= 0 { return }
            var waiting = [
                pollfd(fd: Interruption.descriptor, events: Int16(POLLIN), revents: 0),
                pollfd(fd: output, events: 0, revents: 0),
            ]
            poll(&waiting, 2, Int32(min(left * 1000 + 1, 86_400_000)))
            if waiting[1].revents & Int16(POLLERR) != 0 { throw Cancelled(.unheard) }
        }
    }

    /// Before try number `attempt` + 1: half a second, doubled each time up to a minute, of which a
    /// random half is left out so that many clients do not come back together.
    static func backOff(_ attempt: Int) -> Double {
        min(60, 0.5 * Double(1 << min(attempt - 1, 10))) * Double.random(in: 0.5...1)
    }
}

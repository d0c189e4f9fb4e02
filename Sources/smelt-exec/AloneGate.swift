import Glibc
import Smelt

/// `--block-fd`: who began us wants to know of us first. Before that there is no process of the sandbox, and what was made for it
/// goes with us.
final class AloneGate {
    private var gate: Descriptor?

    /// Takes the descriptor over; none of our helpers gets it. Without the option there is nothing to wait for.
    init(_ words: Words) throws(Usage) {
        guard let text = words[AloneOptions.block] else { return }
        guard let number = AloneOptions.descriptor(text) else {
            throw Usage("--block-fd needs a descriptor from 3, not '\(text)'")
        }
        _ = fcntl(number, F_SETFD, FD_CLOEXEC)
        gate = Descriptor(owning: number)
    }

    /// Waits for a byte, and closes it.
    func pass() throws {
        guard let gate = gate.take() else { return }
        var ready = [
            pollfd(fd: gate.number, events: Int16(POLLIN), revents: 0),
            pollfd(fd: Interruption.descriptor, events: Int16(POLLIN), revents: 0),
        ]
        _ = retrying { poll(&ready, nfds_t(ready.count), -1) }
        try Interruption.check()
        var byte: UInt8 = 0
        let count = retrying { read(gate.number, &byte, 1) }
        guard count == 1 else { throw AloneFault.notLetBegin(gate.number) }
    }
}

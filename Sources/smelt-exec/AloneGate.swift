import Glibc
import Smelt

/// `--block-fd`: who began us wants to know of us first. Everything that is done before is reading.
enum AloneGate {
    /// Waits for a byte, closes the descriptor. Without the option there is nothing to wait for.
    static func pass(_ words: Words) throws {
        guard let text = words[AloneOptions.block] else { return }
        guard let number = AloneOptions.descriptor(text) else {
            throw Usage("--block-fd needs a descriptor from 3, not '\(text)'")
        }
        let gate = Descriptor(owning: number)
        var ready = [
            pollfd(fd: gate.number, events: Int16(POLLIN), revents: 0),
            pollfd(fd: Interruption.descriptor, events: Int16(POLLIN), revents: 0),
        ]
        _ = retrying { poll(&ready, nfds_t(ready.count), -1) }
        try Interruption.check()
        var byte: UInt8 = 0
        let count = retrying { read(gate.number, &byte, 1) }
        guard count == 1 else { throw AloneFault.notLetBegin(number) }
    }
}

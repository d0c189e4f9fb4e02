internal import CChild
internal import Glibc
internal import Smelt

/// The outer end of a sandbox's own terminal. `Launch.start` fills it in; closed when let go.
package final class Terminal {
    /// In characters; 0 by 0 where nobody knows.
    package struct Size: Equatable, Sendable {
        package var rows: UInt16 = 0
        package var columns: UInt16 = 0

        /// Of the first of the caller's standard streams that is a terminal.
        package static var outside: Size {
            var window = winsize()
            for number in [Int32(0), 1, 2] where ioctl(number, UInt(TIOCGWINSZ), &window) == 0 {
                return Size(rows: window.ws_row, columns: window.ws_col)
            }
            return Size()
        }

        var window: winsize { winsize(ws_row: rows, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0) }
    }

    /// What is read here the command has written, what is written here it reads; -1 before the start. EIO stands for
    /// the end.
    package private(set) var descriptor: Int32 = -1
    /// The program in the foreground hears of a change by SIGWINCH.
    package var size: Size {
        didSet {
            guard size != oldValue else { return }
            var window = size.window
            _ = ioctl(descriptor, UInt(TIOCSWINSZ), &window)
        }
    }

    package init(_ size: Size) {
        self.size = size
    }

    deinit {
        if descriptor >= 0 { close(descriptor) }
    }

    /// A pair over which the child hands out a descriptor.
    static func sockets(for step: SandboxFault.Step = .terminal) throws(SandboxFault) -> (
        ours: Int32, childs: Int32
    ) {
        var ends: [Int32] = [-1, -1]
        let kind = Int32(SOCK_SEQPACKET.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        guard socketpair(AF_UNIX, kind, 0, &ends) == 0 else {
            throw .refused(step: step, object: "the sandbox", number: errno)
        }
        return (ends[0], ends[1])
    }

    func receive(from socket: Int32) throws(SandboxFault) {
        descriptor = child_receive(socket)
        guard descriptor >= 0 else {
            throw .refused(step: .terminal, object: "the sandbox", number: errno)
        }
        // Of this end alone; the other one is another open file.
        guard fcntl(descriptor, F_SETFL, O_RDWR | O_NONBLOCK) == 0 else {
            throw .refused(step: .terminal, object: "the sandbox", number: errno)
        }
    }
}

internal import Glibc
internal import Smelt

/// Descriptors that a service manager hands over (sd_listen_fds(3)): so many as LISTEN_FDS says from 3 on, for the process that
/// LISTEN_PID names, with their names in LISTEN_FDNAMES. Each is a bell: whatever comes there makes the daemon look. What can be
/// none is refused, for somebody meant something by it.
final class PassedBells {
    private(set) var numbers: [Int32]

    private static let first: Int32 = 3
    /// More than any manager hands over.
    private static let most: Int32 = 1024

    init() throws(DaemonFault) {
        defer { for name in ["LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES"] { unsetenv(name) } }
        // Of somebody whose process this is not: they are none of ours.
        guard let pid = Environment.nonEmpty("LISTEN_PID"), pid == "\(getpid())",
            let text = Environment["LISTEN_FDS"]
        else {
            numbers = []
            return
        }
        guard let count = Int32(text), (0...Self.most).contains(count) else {
            throw .badListen("LISTEN_FDS is no number of descriptors, but '\(Visible.line(text))'")
        }
        let names = (Environment["LISTEN_FDNAMES"] ?? "")
            .split(separator: ":", omittingEmptySubsequences: false)
        numbers = []
        for index in 0..<count {
            let number = Self.first + index
            let given = Int(index) < names.count ? String(names[Int(index)]) : ""
            let name = given.isEmpty ? "\(number)" : given
            if let what = Self.whatElse(number) { throw .noBell(name, what: what) }
            _ = fcntl(number, F_SETFD, FD_CLOEXEC)
            numbers.append(number)
        }
    }

    deinit { for number in numbers { close(number) } }

    /// What the descriptor is, where that can be no bell.
    private static func whatElse(_ number: Int32) -> String? {
        var facts = stat()
        guard fstat(number, &facts) == 0 else { return "not open" }
        switch facts.st_mode & S_IFMT {
        case S_IFIFO:
            return fcntl(number, F_GETFL) & O_ACCMODE == O_WRONLY ? "a pipe's other end" : nil
        case S_IFSOCK:
            var type: Int32 = 0
            var size = socklen_t(MemoryLayout<Int32>.size)
            guard getsockopt(number, SOL_SOCKET, SO_TYPE, &type, &size) == 0,
                type == Int32(SOCK_DGRAM.rawValue)
            else { return "a socket of connections" }
            return nil
        default: return "no pipe or socket"
        }
    }

    /// Takes what came; what it says does not matter. A pipe that nobody can write into any more is let go of.
    func take(_ number: Int32) {
        var bytes = [UInt8](repeating: 0, count: 4096)
        // So much at once, whoever rings.
        for _ in 0..<64 {
            var waiting = pollfd(fd: number, events: Int16(POLLIN), revents: 0)
            guard poll(&waiting, 1, 0) > 0 else { return }
            let count =
                waiting.revents & Int16(POLLIN) != 0 ? read(number, &bytes, bytes.count) : 0
            // Of a socket a message may be empty.
            let isMessage = waiting.revents & Int16(POLLIN | POLLHUP) == Int16(POLLIN)
            guard count > 0 || isMessage && count == 0 else {
                if count < 0, errno == EINTR || errno == EAGAIN { return }
                numbers.removeAll { $0 == number }
                close(number)
                return
            }
        }
    }
}

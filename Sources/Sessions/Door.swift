internal import CSystem
internal import Glibc
internal import Runtimes
internal import Sandbox
internal import Smelt

/// Where a container's listeners come out, so that `smelt-egress` serves them here: a socket in a directory that the
/// container was given. It is open for one message, which smelt-inside sends while nothing of the session's runs, and
/// gone afterwards.
final class Door {
    private(set) var descriptor: Int32
    private let directory: Descriptor
    private let service: EgressService

    init(in path: String, to service: EgressService) throws {
        self.service = service
        directory = try Descriptor(opening: path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW)
        unlinkat(directory.number, EnginePlace.doorName, 0)
        descriptor = socket(AF_UNIX, Int32(SOCK_SEQPACKET.rawValue) | O_CLOEXEC | O_NONBLOCK, 0)
        guard descriptor >= 0 else { throw SystemFault(errno, "make", "a socket") }
        // By the descriptor: a path of any length is too long for an address.
        let short = "/proc/self/fd/\(directory.number)/\(EnginePlace.doorName)"
        let isBound = withAddress(of: short) { bind(descriptor, $0, $1) == 0 }
        // Only the container sees it: the directories above are the caller's alone.
        guard isBound, chmod(short, 0o666) == 0, listen(descriptor, 1) == 0 else {
            let fault = SystemFault(errno, "listen at", path)
            close(descriptor)
            throw fault
        }
    }

    deinit { shut() }

    /// Somebody is there.
    func pass() throws {
        let accepted = retrying { accept(descriptor, nil, nil) }
        if accepted < 0, errno == EAGAIN { return }
        guard accepted >= 0 else { throw SystemFault(errno, "accept at", "a container's door") }
        defer { close(accepted) }
        // One message, sent before it connects anew: it is there, or nobody honest is.
        var waiting = pollfd(fd: accepted, events: Int16(POLLIN), revents: 0)
        guard retrying({ poll(&waiting, 1, 5000) }) == 1,
            system_pass_on(accepted, service.door, Int32(service.listeners.count)) == 0
        else { throw EgressFault.silent }
        shut()
    }

    private func shut() {
        guard descriptor >= 0 else { return }
        close(descriptor)
        descriptor = -1
        unlinkat(directory.number, EnginePlace.doorName, 0)
    }
}

internal import CSystem
internal import Glibc
internal import Sandbox
internal import Smelt

/// Listeners on this host that have no name: only who holds what the kernel knows them by can connect to them.
final class Entrances {
    /// Theirs who accepts there; closed here once they are handed over.
    private(set) var listeners: [Int32] = []
    private var places: [Int32] = []

    /// `O_PATH`, which the Swift module of the C library leaves out.
    private static let place = Int32(0o10000000)

    /// Makes them in a directory that is the caller's alone, where nothing of them stays.
    init(_ count: Int, in path: String) throws {
        let directory = try Descriptor(opening: path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW)
        // By the descriptor: a path of any length is too long for an address.
        let name = "/proc/self/fd/\(directory.number)/entrance"
        for _ in 0..<count {
            let made = try Self.socket()
            listeners.append(made)
            unlink(name)
            guard withAddress(of: name, { bind(made, $0, $1) == 0 }), listen(made, 4096) == 0
            else { throw SystemFault(errno, "listen at", path) }
            places.append(try Descriptor(opening: name, Self.place | O_NOFOLLOW).release())
            unlink(name)
        }
    }

    deinit { for number in listeners + places { close(number) } }

    var count: Int { places.count }

    /// Gives the listeners to whoever is at the other end; from his end on nobody can connect.
    func hand(over door: Int32) throws {
        guard system_hand_over(door, listeners, listeners.count) == 0 else {
            throw EgressFault.silent
        }
        for number in listeners { close(number) }
        listeners = []
    }

    /// A connection that never waits, or nil where nobody listens any more.
    func connect(to index: Int) -> Int32? {
        guard places.indices.contains(index), let made = try? Self.socket() else { return nil }
        let name = "/proc/self/fd/\(places[index])"
        if withAddress(of: name, { Glibc.connect(made, $0, $1) == 0 }) { return made }
        close(made)
        return nil
    }

    private static func socket() throws -> Int32 {
        let flags = Int32(SOCK_STREAM.rawValue) | O_CLOEXEC | O_NONBLOCK
        let made = Glibc.socket(AF_UNIX, flags, 0)
        guard made >= 0 else { throw SystemFault(errno, "make", "a socket") }
        return made
    }
}

/// The address of a socket in the file system, for calls that take one; the path is short.
func withAddress<Result>(
    of path: String, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Result
) -> Result {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: Array(path.utf8)) }
    return withUnsafePointer(to: &address) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
            body($0, socklen_t(MemoryLayout<sockaddr_un>.size))
        }
    }
}

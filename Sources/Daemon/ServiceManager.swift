internal import Glibc
internal import Smelt

/// Tells whoever started the daemon how it stands: one datagram each to the socket in NOTIFY_SOCKET (sd_notify(3)). Nobody
/// need listen.
struct ServiceManager {
    private let address: [UInt8]?

    init(_ name: String? = Environment.nonEmpty("NOTIFY_SOCKET")) {
        // A first '@' stands for the zero of an abstract name.
        guard let name, name.hasPrefix("/") || name.hasPrefix("@") else {
            address = nil
            return
        }
        var bytes = Array(name.utf8)
        if bytes[0] == UInt8(ascii: "@") { bytes[0] = 0 }
        address = bytes.count < MemoryLayout.size(ofValue: sockaddr_un().sun_path) ? bytes : nil
    }

    func tell(_ state: String) {
        guard let address else { return }
        let socket = Descriptor(
            owning: socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0))
        guard socket.number >= 0 else { return }
        var target = sockaddr_un()
        target.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &target.sun_path) { $0.copyBytes(from: address) }
        let head = MemoryLayout<sockaddr_un>.offset(of: \.sun_path) ?? 2
        // A name in the file system ends with a zero, an abstract one at its length.
        let size = socklen_t(head + address.count + (address[0] == 0 ? 0 : 1))
        var text = state
        text.withUTF8 { bytes in
            withUnsafePointer(to: &target) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    _ = sendto(
                        socket.number, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL),
                        $0, size)
                }
            }
        }
    }

    func ready() { tell("READY=1\n") }
    func stopping() { tell("STOPPING=1\n") }

    func reloading() {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        tell("RELOADING=1\nMONOTONIC_USEC=\(time.tv_sec * 1_000_000 + time.tv_nsec / 1000)\n")
    }
}

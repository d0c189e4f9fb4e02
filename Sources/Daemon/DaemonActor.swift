internal import Glibc
internal import Store

extension Actor {
    /// This daemon, for the audit.
    static let daemon = Actor(uid: getuid(), host: hostName)

    private static var hostName: String {
        var names = utsname()
        uname(&names)
        return withUnsafePointer(to: &names.nodename) {
            $0.withMemoryRebound(to: CChar.self, capacity: 65) { String(cString: $0) }
        }
    }
}

import Glibc
import Store

enum Who {
    /// The caller, for the audit.
    static var caller: Actor {
        var names = utsname()
        uname(&names)
        let host = withUnsafePointer(to: &names.nodename) {
            $0.withMemoryRebound(to: CChar.self, capacity: 65) { String(cString: $0) }
        }
        return Actor(uid: getuid(), host: host)
    }
}

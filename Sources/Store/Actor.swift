internal import Glibc

/// Who does something.
package struct Actor: Sendable, Equatable {
    package let uid: UInt32
    package let host: String

    package init(uid: UInt32, host: String) {
        self.uid = uid
        self.host = host
    }

    var text: String { "uid \(uid) on \(host)" }

    /// Whoever runs this process.
    package static var caller: Actor {
        var names = utsname()
        uname(&names)
        let host = withUnsafePointer(to: &names.nodename) {
            $0.withMemoryRebound(to: CChar.self, capacity: 65) { String(cString: $0) }
        }
        return Actor(uid: getuid(), host: host)
    }
}

internal import Glibc
internal import Smelt

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
        Actor(uid: getuid(), host: Machine.name)
    }
}

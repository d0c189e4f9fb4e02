internal import Glibc

/// What inotify(7) tells.
package enum Inotify {
    /// All that is told now: of which watch, what, and of which name.
    package static func drain(_ descriptor: Int32, _ each: (Int32, UInt32, String) -> Void) {
        withUnsafeTemporaryAllocation(byteCount: 16_384, alignment: 16) { room in
            while true {
                let count = retrying { read(descriptor, room.baseAddress, room.count) }
                guard count > 0 else { return }
                var at = 0
                while at + 16 <= count {
                    let watch = room.loadUnaligned(fromByteOffset: at, as: Int32.self)
                    let mask = room.loadUnaligned(fromByteOffset: at + 4, as: UInt32.self)
                    let length = Int(room.loadUnaligned(fromByteOffset: at + 12, as: UInt32.self))
                    let name = room[(at + 16)..<(at + 16 + length)].prefix { $0 != 0 }
                    each(watch, mask, String(decoding: name, as: UTF8.self))
                    at += 16 + length
                }
            }
        }
    }
}

internal import Glibc

/// This machine, as the kernel has it (uname(2)).
package enum Machine {
    /// The host's name, as `uname -n` prints it.
    package static var name: String { text { $0.nodename } }
    /// The kernel's release, as `uname -r` prints it.
    package static var release: String { text { $0.release } }

    private static func text<Field>(_ field: (utsname) -> Field) -> String {
        var names = utsname()
        uname(&names)
        return withUnsafeBytes(of: field(names)) {
            String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
        }
    }
}

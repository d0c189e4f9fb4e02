internal import Glibc

/// This machine, as the kernel has it (uname(2), proc(5)).
package enum Machine {
    /// The host's name, as `uname -n` prints it.
    package static var name: String { text { $0.nodename } }
    /// The kernel's release, as `uname -r` prints it.
    package static var release: String { text { $0.release } }

    /// Which start of the machine this is. Read when it is first asked for, which adding a job never does.
    package static let boot: String = {
        let text = try? Files.readText("/proc/sys/kernel/random/boot_id", upTo: 64)
        return text.map { String($0.prefix(36)) } ?? "unknown"
    }()

    private static func text<Field>(_ field: (utsname) -> Field) -> String {
        var names = utsname()
        uname(&names)
        return withUnsafeBytes(of: field(names)) {
            String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
        }
    }
}

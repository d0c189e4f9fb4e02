internal import Glibc

/// Signals by the names that people use.
package enum Signals {
    private static let names: [String: Int32] = [
        "HUP": SIGHUP, "INT": SIGINT, "QUIT": SIGQUIT, "KILL": SIGKILL, "USR1": SIGUSR1,
        "USR2": SIGUSR2, "ALRM": SIGALRM, "TERM": SIGTERM, "CONT": SIGCONT, "PWR": SIGPWR,
    ]

    package static let wants = "a signal such as TERM, INT, HUP or a number"

    /// From `TERM`, `SIGTERM` or `15`.
    package static func number(_ text: String) -> Int32? {
        if let number = Int32(text) { return (1...64).contains(number) ? number : nil }
        let name = text.uppercased()
        return names[name.hasPrefix("SIG") ? String(name.dropFirst(3)) : name]
    }
}

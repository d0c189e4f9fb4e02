import Glibc
import Sandbox
import Smelt

/// The caller's terminal while a command has one of its own: every key goes inside, Ctrl-C too, and the size follows.
/// The caller's settings come back when this is let go.
final class AloneTerminal {
    let inner = Terminal(.outside)
    /// Nil where standard input is no terminal of the caller's.
    private var before: termios?

    deinit {
        guard var before else { return }
        tcsetattr(0, TCSADRAIN, &before)
    }

    /// To be called once the command runs: what fails earlier is said as usual.
    func begin() {
        Interruption.wake(by: SIGWINCH)
        var settings = termios()
        guard tcgetattr(0, &settings) == 0 else { return }
        before = settings
        cfmakeraw(&settings)
        tcsetattr(0, TCSADRAIN, &settings)
    }

    func adapt() { inner.size = .outside }
}

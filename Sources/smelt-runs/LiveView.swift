import Glibc
import Records
import Smelt

/// The run on a terminal: a headline and a line for each session, drawn over themselves as records
/// come. Everything that is not smelt's own words is made visible and cut to the terminal's width.
final class LiveView {
    private let terminal: Int32
    private let style: Style
    /// Lines that were drawn last and are to be drawn over.
    private var height = 0
    private var drawnAt = 0.0
    private var outputs: [String: Line] = [:]
    private var lastLines: [String: String] = [:]

    /// Redrawn at most so often, so that a session that prints much costs little.
    private static let pause = 0.1

    init(_ terminal: Int32) {
        self.terminal = terminal
        style = Style(on: Environment.nonEmpty("NO_COLOR") == nil)
    }

    /// Keeps a session's output until it is drawn; only the last piece is looked into.
    func note(_ line: Line) {
        if let session = line.session { outputs[session] = line }
    }

    func draw(_ history: History, finally: Bool = false) {
        let now = monotonicSeconds()
        guard finally || now - drawnAt >= Self.pause else { return }
        drawnAt = now
        readOutputs()
        let size = self.size
        var lines = [headline(history)] + question(history) + sessions(history)
        // What does not fit would scroll away and could not be drawn over.
        if !finally, lines.count > size.rows - 1 {
            let hidden = lines.count - (size.rows - 2)
            lines = lines.prefix(max(1, size.rows - 2)) + ["  … \(hidden) more"]
        }
        // Up to the first line, then each line over the old one, without wrapping, and clear below.
        var text = height > 0 ? "\u{1b}[\(height)A\r" : ""
        text += "\u{1b}[?7l" + lines.map { "\($0)\u{1b}[K\n" }.joined() + "\u{1b}[J\u{1b}[?7h"
        height = lines.count
        say(text, to: terminal)
    }

    /// The last picture stays, with what came of it all.
    func close(_ history: History) {
        draw(history, finally: true)
        say(Summary(history: history, style: style).text, to: terminal)
    }

    private func readOutputs() {
        for (session, line) in outputs {
            guard let output = try? line.decode(Output.self), let bytes = output.bytes else {
                continue
            }
            let lines = bytes.split { $0 == 10 || $0 == 13 }
            guard let last = lines.last(where: { $0.contains { $0 > 32 } }) else { continue }
            lastLines[session] = Visible.line(String(decoding: last.prefix(1024), as: UTF8.self))
        }
        outputs = [:]
    }

    private func headline(_ history: History) -> String {
        let name = history.planned.map { Visible.line($0.job.name) } ?? "waiting for a run"
        let run = history.run.map { " \($0)" } ?? ""
        let phase = history.phase.rawValue.replacing("_", by: " ")
        let end = history.finished == nil ? nil : history.lastAt
        return "\(style.bold(name))\(run)  \(phase)  \(elapsed(history.startedAt, to: end))"
    }

    /// Who sees the run stand still must learn what it waits for.
    private func question(_ history: History) -> [String] {
        guard let asked = history.asked, let run = history.run, history.finished == nil else {
            return []
        }
        return [
            "  waits for a yes or no until \(asked.expires): look at it with",
            "  smelt-review show \(run), then smelt-review approve or deny it",
        ]
    }

    private func sessions(_ history: History) -> [String] {
        let names = history.planned?.job.sessions.map(\.name) ?? []
        let width = min(24, names.map { Visible.line($0).count }.max() ?? 0)
        return names.map { name in
            let state = history.sessions[name]
            let shown = Visible.line(name).padded(to: width)
            let time = elapsed(state?.startedAt, to: state?.finishedAt).padded(to: 9)
            let word = word(for: state)
            return "  \(shown)  \(style.paint(word, word.padded(to: 13))) \(time)"
                + " \(style.dim(lastLines[name] ?? ""))"
        }
    }

    private func word(for state: History.SessionState?) -> String {
        if let ending = state?.ending { return ending.rawValue.replacing("_", by: " ") }
        return state?.startedAt == nil ? "waiting" : "running"
    }

    private func elapsed(_ start: Timestamp?, to end: Timestamp?) -> String {
        guard let start else { return "" }
        return Quantity.describe(seconds: (end ?? .now).seconds - start.seconds)
    }

    private var size: (rows: Int, columns: Int) {
        var size = winsize()
        guard ioctl(terminal, UInt(TIOCGWINSZ), &size) == 0, size.ws_row > 2 else {
            return (24, 80)
        }
        return (Int(size.ws_row), Int(size.ws_col))
    }
}

/// Colours, or none where `NO_COLOR` asks for it.
struct Style {
    let on: Bool

    func bold(_ text: String) -> String { wrap(text, "1") }
    func dim(_ text: String) -> String { text.isEmpty ? "" : wrap(text, "2") }

    /// In the colour of a session's state.
    func paint(_ word: String, _ text: String) -> String {
        switch word {
        case "succeeded": wrap(text, "32")
        case "running": wrap(text, "36")
        case "gate failed", "cancelled", "skipped": wrap(text, "33")
        case "waiting": wrap(text, "2")
        default: wrap(text, "31")
        }
    }

    private func wrap(_ text: String, _ code: String) -> String {
        on ? "\u{1b}[\(code)m\(text)\u{1b}[0m" : text
    }
}

extension String {
    func padded(to width: Int) -> String {
        self + String(repeating: " ", count: max(0, width - count))
    }

    func replacing(_ old: Character, by new: Character) -> String {
        String(map { $0 == old ? new : $0 })
    }
}

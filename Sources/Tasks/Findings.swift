internal import Smelt

/// What is wrong with a task, collected while it is read.
final class Findings {
    private let file: String
    private let bytes: [UInt8]
    private var found: [(offset: Int, sentence: String)] = []
    /// A kind of work that is valid and that nothing here can do.
    var foreignKind: String?

    init(file: String, _ bytes: [UInt8]) {
        self.file = file
        self.bytes = bytes
    }

    /// `path` is the value's, empty for the whole; the sentence goes on from it.
    func complain(_ offset: Int, _ path: String, _ sentence: String) {
        found.append((offset, path.isEmpty ? sentence : "'\(path)' \(sentence)"))
    }

    /// In the order of the file.
    func check() throws(TaskFault) {
        guard found.isEmpty else {
            throw .invalid(
                file: file,
                problems: found.sorted { $0.offset < $1.offset }.map {
                    "\(Visible.line(file)):\(place($0.offset)): \(Visible.line($0.sentence))"
                })
        }
        if let foreignKind { throw .noRunner(kind: foreignKind) }
    }

    /// `LINE:COLUMN`, both from 1, columns in characters as editors count them.
    private func place(_ offset: Int) -> String {
        let before = bytes[..<min(offset, bytes.count)]
        let line = before.count { $0 == 10 } + 1
        let start = before.lastIndex(of: 10).map { $0 + 1 } ?? 0
        let column = before[start...].count { $0 & 0xC0 != 0x80 } + 1
        return "\(line):\(column)"
    }
}

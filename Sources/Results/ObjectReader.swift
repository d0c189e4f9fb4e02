internal import Glibc
internal import Smelt

/// Objects out of a repository one after the other, through one `git cat-file --batch` that is
/// asked over a pipe: bounded memory here and there, whatever their sizes.
final class ObjectReader {
    struct Head: Equatable {
        let name: String
        let type: String
        let size: Int
    }

    private let child: Coprocess
    private let asking: Descriptor
    private let answers: Descriptor
    private let deadline: Double
    private var buffer = [UInt8](repeating: 0, count: 1 << 16)
    private var start = 0
    private var end = 0

    init(_ git: Git, _ bounds: Bounds) throws {
        let input = try Descriptor.pipe()
        asking = Descriptor(owning: input.writing)
        let reading = Descriptor(owning: input.reading)
        let output = try Descriptor.pipe()
        answers = Descriptor(owning: output.reading)
        let writing = Descriptor(owning: output.writing)
        var command = git.confined(Git.frugal + ["cat-file", "--batch"], bounds)
        command.input = .descriptor(reading.number)
        command.output = .descriptor(writing.number)
        child = try command.start()
        deadline = monotonicSeconds() + bounds.seconds
    }

    /// One object that must be of `type`; held in memory whole.
    func whole(_ name: String, _ type: String, upTo limit: Int) throws -> (Head, [UInt8]) {
        try ask([name])
        let head = try head()
        guard head.type == type else {
            throw QuarantineFault.badObjects("'\(name)' is a \(head.type) and not a \(type)")
        }
        guard head.size <= limit else {
            throw QuarantineFault.beyond("a \(type) of", "\(head.size) bytes", "\(limit)")
        }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(head.size)
        try body(head) { bytes.append(contentsOf: $0) }
        return (head, bytes)
    }

    /// All of `names` in order, each in pieces as they come: `head` first, then `piece` as often as
    /// there is more.
    func each(
        _ names: some Collection<String>, head: (Head) throws -> Void,
        piece: (UnsafeRawBufferPointer) -> Void
    ) throws {
        var rest = names[...]
        while !rest.isEmpty {
            // The questions of one round fit into a pipe, so neither side waits for the other.
            let round = rest.prefix(512)
            rest = rest.dropFirst(round.count)
            try ask(round)
            for _ in round {
                let found = try self.head()
                try head(found)
                try body(found, piece)
            }
        }
    }

    private func ask(_ names: some Collection<String>) throws {
        let text = names.map { "\($0)\n" }.joined()
        try Array(text.utf8).withUnsafeBytes { try asking.write($0, name: "git cat-file") }
    }

    private func head() throws -> Head {
        var line: [UInt8] = []
        while case let byte = try next(), byte != 10 { line.append(byte) }
        let words = String(decoding: line, as: UTF8.self).split(separator: " ").map(String.init)
        guard words.count == 3, let size = Int(words[2]) else {
            throw QuarantineFault.badObjects("'\(words.first ?? "")' is not there")
        }
        return Head(name: words[0], type: words[1], size: size)
    }

    private func body(_ head: Head, _ piece: (UnsafeRawBufferPointer) -> Void) throws {
        var left = head.size
        while left > 0 {
            if start == end { try fill() }
            let count = min(left, end - start)
            buffer.withUnsafeBytes {
                piece(UnsafeRawBufferPointer(rebasing: $0[start..<start + count]))
            }
            start += count
            left -= count
        }
        _ = try next()
    }

    private func next() throws -> UInt8 {
        if start == end { try fill() }
        start += 1
        return buffer[start - 1]
    }

    private func fill() throws {
        try Waiting.readable(answers.number, until: deadline)
        let count = retrying { read(answers.number, &buffer, buffer.count) }
        guard count > 0 else { throw QuarantineFault.tooHeavy("time or memory") }
        (start, end) = (0, count)
    }
}

internal import Glibc
internal import Runtimes
internal import Smelt

/// Carries the connections of a program in a container, from which no socket can be handed out, to its `smelt-egress`:
/// that gets listeners as ever, which are here, and each connection inside is one to the listener here that stands for it.
/// Nothing here waits, and no connection holds up another, or what the program prints.
final class Carrier {
    private struct Line {
        let number: Int32
        var unsent: [UInt8] = []
        /// smelt-egress has gone from it and hears nothing more; what it said before may still be on its way.
        var isDeaf = false
    }

    private let connection: InsideConnection
    private var book: RelayBook
    private let entrances: Entrances
    private var lines: [UInt32: Line] = [:]

    /// What is asked of smelt-inside next comes behind no more than this, bytes: a signal does not wait for a download.
    private static let backlog = 262_144
    /// Whoever says so much that calls for an answer, and reads none, is not smelt-inside, bytes.
    private static let most = 1 << 20
    private static let piece = 32_768

    /// `entrances` stand for the listeners inside, in their order.
    init(_ entrances: Entrances, over connection: InsideConnection) {
        self.connection = connection
        self.entrances = entrances
        book = RelayBook(listeners: entrances.count)
    }

    deinit { for line in lines.values { Glibc.close(line.number) } }

    // MARK: from inside

    func take(_ word: InsideRelay) throws {
        guard connection.backlog <= Self.most else { throw RuntimeFault.badAnswer }
        switch try book.take(word) {
        case .nothing: break
        case .open(let id, let listener):
            guard let number = entrances.connect(to: listener) else { return breakOff(id) }
            lines[id] = Line(number: number)
        case .refuse(let id): connection.ask(.relay(.over(id, isBroken: true)))
        case .pass(let id, let bytes):
            lines[id]?.unsent += bytes
            push(id)
        case .end(let id): push(id)
        case .drop(let id): close(id)
        }
    }

    // MARK: here

    /// What is waited for on each connection.
    var waits: [(number: Int32, events: Int32, id: UInt32)] {
        let mayAsk = connection.backlog < Self.backlog
        return lines.map { id, line in
            let events =
                (mayAsk && book.room(id) > 0 ? POLLIN : 0) | (line.unsent.isEmpty ? 0 : POLLOUT)
            // Of one that nothing is wanted of, its end would be told again and again.
            return (events == 0 ? -1 : line.number, events, id)
        }
    }

    /// It has come.
    func work(_ id: UInt32) {
        push(id)
        hear(id)
    }

    /// Passes on what came from inside, as much as goes.
    private func push(_ id: UInt32) {
        guard let line = lines[id] else { return }
        if line.isDeaf, book.ended(id).here, !line.unsent.isEmpty { return breakOff(id) }
        if !line.unsent.isEmpty {
            var count = line.unsent.count
            if !line.isDeaf {
                count = retrying {
                    send(line.number, line.unsent, line.unsent.count, Int32(MSG_NOSIGNAL))
                }
            }
            if count < 0, errno == EAGAIN { return }
            if count < 0 {
                lines[id]?.isDeaf = true
                return push(id)
            }
            lines[id]?.unsent.removeFirst(count)
            if let word = book.pass(id, count) { connection.ask(.relay(word)) }
        }
        guard lines[id]?.unsent.isEmpty == true, book.ended(id).inside else { return }
        shutdown(line.number, Int32(SHUT_WR))
        if book.ended(id).here { close(id) }
    }

    /// Nothing more comes from inside: what has come is passed on, as much as goes at once.
    func finish() { for id in Array(lines.keys) { push(id) } }

    /// Carries inside what smelt-egress says.
    private func hear(_ id: UInt32) {
        let room = min(book.room(id), Self.piece)
        guard let line = lines[id], room > 0, connection.backlog < Self.backlog else { return }
        var bytes = [UInt8](repeating: 0, count: room)
        let count = retrying { recv(line.number, &bytes, room, 0) }
        if count < 0, errno == EAGAIN { return }
        guard count >= 0 else { return breakOff(id) }
        guard count > 0 else {
            book.end(id)
            connection.ask(.relay(.over(id, isBroken: false)))
            if line.unsent.isEmpty, book.ended(id).inside { close(id) }
            return
        }
        book.say(id, count)
        connection.ask(.relay(.data(id, bytes[..<count])))
    }

    private func breakOff(_ id: UInt32) {
        connection.ask(.relay(.over(id, isBroken: true)))
        close(id)
    }

    private func close(_ id: UInt32) {
        book.forget(id)
        if let line = lines.removeValue(forKey: id) { Glibc.close(line.number) }
    }
}

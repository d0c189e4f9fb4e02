import Glibc
import Runtimes
import Smelt
import Testing

@testable import Sessions

/// Connections that are carried from inside: the test is smelt-inside on the one side, and accepts on the other.
private final class Carried {
    let carrier: Carrier
    let entrances: Entrances
    private let connection: InsideConnection
    private let inside: (said: Int32, asked: Int32)
    private let place: String

    init(listeners: Int = 1) throws {
        var name = Array("/tmp/smelt-carried-XXXXXX".utf8CString)
        guard let made = mkdtemp(&name) else { throw SystemFault(errno, "make", "a directory") }
        place = String(cString: made)
        for pipe in ["said", "asked"] { mkfifo("\(place)/\(pipe)", 0o600) }
        connection = try InsideConnection(
            Command("/bin/sh", "-c", "cat \(place)/said & exec cat >\(place)/asked"))
        // Both ends, so that opening does not wait for the shell.
        inside = (open("\(place)/said", O_RDWR), open("\(place)/asked", O_RDWR | O_NONBLOCK))
        entrances = try Entrances(listeners, in: place)
        carrier = Carrier(entrances, over: connection)
    }

    deinit {
        for number in [inside.said, inside.asked] { close(number) }
        for name in ["said", "asked"] { unlink("\(place)/\(name)") }
        rmdir(place)
    }

    var names: [String] { Files.names(in: place).sorted() }

    /// As smelt-inside says it.
    func say(_ kind: Character, _ id: UInt32, _ rest: [UInt8]) {
        let body = Self.number(id) + rest
        let frame = [kind.asciiValue ?? 0] + Self.number(UInt32(body.count)) + body
        #expect(write(inside.said, frame, frame.count) == frame.count)
    }

    static func number(_ value: UInt32) -> [UInt8] {
        (0..<4).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
    }

    /// Goes on until `done`, as the loop of the sessions does.
    func work(until done: () throws -> Bool) throws {
        while try !done() {
            var waiting = [
                pollfd(fd: connection.descriptor, events: Int16(POLLIN), revents: 0),
                pollfd(
                    fd: connection.wantsToWrite ? connection.writing : -1, events: Int16(POLLOUT),
                    revents: 0),
            ]
            let waits = carrier.waits
            waiting += waits.map { pollfd(fd: $0.number, events: Int16($0.events), revents: 0) }
            #expect(poll(&waiting, nfds_t(waiting.count), 10) >= 0)
            if waiting[0].revents != 0 {
                for case .relay(let word) in try connection.answers() { try carrier.take(word) }
            }
            connection.push()
            for (wait, entry) in zip(waits, waiting.dropFirst(2)) where entry.revents != 0 {
                carrier.work(wait.id)
            }
        }
    }

    /// What was asked inside since, as it went.
    func asked() -> [UInt8] { Self.read(inside.asked) }

    static func read(_ number: Int32) -> [UInt8] {
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = retrying { Glibc.read(number, &chunk, chunk.count) }
            guard count > 0 else { return bytes }
            bytes += chunk[..<count]
        }
    }

    /// The next one that connects to a listener, which never waits.
    func accepted(at index: Int = 0) throws -> Int32 {
        var number: Int32 = -1
        try work {
            number = accept(entrances.listeners[index], nil, nil)
            return number >= 0
        }
        _ = fcntl(number, F_SETFL, O_NONBLOCK)
        return number
    }
}

@Suite struct CarrierTests {
    private let full = [UInt8](repeating: 9, count: 32_768)

    @Test func `the listeners have no names`() throws {
        let carried = try Carried(listeners: 3)
        #expect(carried.entrances.listeners.count == 3)
        #expect(carried.names == ["asked", "said"])
    }

    @Test func `bytes go both ways, and each side ends for itself`() throws {
        let carried = try Carried(listeners: 2)
        carried.say("a", 1, Carried.number(1))
        let here = try carried.accepted(at: 1)
        carried.say("d", 1, Array("question".utf8))
        carried.say("c", 1, Carried.number(0))
        var heard: [UInt8] = []
        try carried.work {
            heard += Carried.read(here)
            return heard.count == 8 && read(here, &heard, 1) == 0
        }
        #expect(heard == Array("question".utf8))
        #expect(send(here, "answer", 6, Int32(MSG_NOSIGNAL)) == 6)
        close(here)
        var asked: [UInt8] = []
        let wanted =
            [UInt8(ascii: "d")] + Carried.number(10) + Carried.number(1) + Array("answer".utf8)
            + [UInt8(ascii: "c")] + Carried.number(8) + Carried.number(1) + Carried.number(0)
        try carried.work {
            asked += carried.asked()
            return asked.count >= wanted.count
        }
        #expect(asked == wanted)
        #expect(carried.carrier.waits.isEmpty)
    }

    @Test func `no more is carried in than there is room for`() throws {
        let carried = try Carried()
        carried.say("a", 1, Carried.number(0))
        let here = try carried.accepted()
        var sent = 0
        var asked = 0
        // Until nothing more goes anywhere: the socket is full, and the window is.
        try carried.work {
            let count = send(here, full, full.count, Int32(MSG_NOSIGNAL))
            sent += max(0, count)
            asked += carried.asked().count
            return count < 0 && asked >= RelayBook.window + 2 * 9
        }
        #expect(asked == RelayBook.window + 2 * 9)
        #expect(carried.carrier.waits.allSatisfy { $0.number < 0 })
        carried.say("w", 1, Carried.number(100))
        try carried.work {
            asked += carried.asked().count
            return asked >= RelayBook.window + 100 + 3 * 9
        }
        close(here)
    }

    @Test func `what came before it was hung up on still arrives`() throws {
        let carried = try Carried()
        carried.say("a", 1, Carried.number(0))
        let here = try carried.accepted()
        #expect(send(here, "no", 2, Int32(MSG_NOSIGNAL)) == 2)
        close(here)
        carried.say("d", 1, full)
        var asked: [UInt8] = []
        try carried.work {
            asked += carried.asked()
            return asked.contains(UInt8(ascii: "c"))
        }
        let said = [UInt8(ascii: "d")] + Carried.number(6) + Carried.number(1) + Array("no".utf8)
        #expect(asked.firstRange(of: said) != nil)
        // Then it is broken for who goes on.
        carried.say("d", 1, full)
        try carried.work {
            asked += carried.asked()
            return carried.carrier.waits.isEmpty
        }
        try carried.work {
            asked += carried.asked()
            return asked.suffix(4) == Carried.number(1)[...]
        }
    }

    @Test func `where nobody listens it is broken`() throws {
        let carried = try Carried()
        var ends: [Int32] = [-1, -1]
        #expect(socketpair(AF_UNIX, Int32(SOCK_SEQPACKET.rawValue), 0, &ends) == 0)
        try carried.entrances.hand(over: ends[0])
        // The listener is in the message, and goes with it.
        for number in ends { close(number) }
        carried.say("a", 1, Carried.number(0))
        var asked: [UInt8] = []
        try carried.work {
            asked += carried.asked()
            return asked.count >= 13
        }
        #expect(asked.suffix(4) == Carried.number(1)[...])
    }

    @Test func `who asks much and reads nothing is not smelt-inside`() throws {
        let carried = try Carried()
        #expect(throws: RuntimeFault.badAnswer) {
            var id: UInt32 = 0
            try carried.work {
                // Each is one too many, and is told so; nobody reads that.
                for _ in 0..<1000 {
                    id += 1
                    carried.say("a", id, Carried.number(0))
                }
                return false
            }
        }
        #expect(carried.carrier.waits.count == RelayBook.most)
    }
}

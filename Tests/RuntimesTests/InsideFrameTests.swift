import Records
import Runtimes
import Sandbox
import Smelt
import Testing

/// A connection whose other side says `bytes` and ends.
private func saying(_ bytes: [UInt8]) throws -> InsideConnection {
    let script = bytes.map { "\\" + String($0, radix: 8) }.joined()
    return try InsideConnection(Command("printf", script))
}

/// Everything that it says until it ends.
private func answers(_ connection: InsideConnection) throws -> [InsideFrame.Answer] {
    var found: [InsideFrame.Answer] = []
    while connection.isOpen {
        found += try connection.answers().map {
            // As whole arrays: slices are equal by what is in them, wherever they begin.
            if case .output(let bytes) = $0 { .output(Array(bytes)[...]) } else { $0 }
        }
    }
    return found
}

private func frame(_ kind: Character, _ body: [UInt8], length: UInt32? = nil) -> [UInt8] {
    let count = length ?? UInt32(body.count)
    return [kind.asciiValue ?? 0] + (0..<4).map { UInt8(truncatingIfNeeded: count >> (8 * $0)) }
        + body
}

private func numbers(_ values: UInt32...) -> [UInt8] {
    values.flatMap { value in (0..<4).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) } }
}

private let rest = [UInt8](repeating: 0, count: 32)

@Suite struct InsideFrameTests {
    @Test func `outputs and the end come as they were said`() throws {
        let said = frame("o", [1, 2]) + frame("o", []) + frame("x", numbers(0, 137) + rest)
        let found = try answers(saying(said))
        #expect(found.count == 3)
        #expect(found.first == .output([1, 2]))
        guard case .ended(let end)? = found.last else { throw RuntimeFault.badAnswer }
        #expect(end.how == .exited(code: 137))
        #expect(end.usage.oomKills == nil)
    }

    @Test func `figures that nothing has can be added up all the same`() throws {
        let lies = numbers(0, 0) + [UInt8](repeating: 255, count: 32)
        let looked = frame("D", [UInt8](repeating: 255, count: 16) + numbers(0))
        let found = try answers(saying(frame("x", lies) + looked))
        guard case .ended(let end)? = found.first, case .looked(let disk?)? = found.last else {
            throw RuntimeFault.badAnswer
        }
        #expect(end.usage.oomKills.map { $0 + $0 } == 1 << 61)
        #expect(disk.bytes + disk.bytes == 1 << 61)
    }

    @Test(arguments: [
        frame("?", []),
        frame("o", [], length: .max),
        frame("o", [], length: 1 << 20),
        frame("h", [1, 0, 0, 0]),
        frame("x", numbers(0, 0)),
        frame("x", numbers(9, 0) + rest),
        frame("x", numbers(1, 0) + rest),
        frame("x", numbers(1, 4000) + rest),
        frame("D", numbers(1, 0, 0, 0)),
        frame("p", numbers(0)),
        frame("p", numbers(65_536)),
        frame("p", [1, 2, 3]),
        frame("a", numbers(1)),
        frame("d", numbers(1)),
        frame("c", numbers(1, 2)),
        frame("w", numbers(1, 2, 3)),
    ]) func `what smelt-inside never says is a fault at once`(_ said: [UInt8]) throws {
        let connection = try saying(said)
        #expect(throws: RuntimeFault.badAnswer) { _ = try answers(connection) }
    }

    @Test func `what is on disk comes with what is known of it`() throws {
        let said = [(4096, 0), (0, 8), (1, 1), (1, 2), (1, 4)].map {
            frame("D", numbers($0.0, 0, 2_000_000, 0, $0.1))
        }
        let found = try answers(saying(said.reduce([], +)))
        #expect(
            found == [
                .looked(DiskFound(bytes: 4096, seconds: 2)), .looked(nil),
                .looked(DiskFound(bytes: 1, missed: true, seconds: 2)),
                .looked(DiskFound(bytes: 1, isBeyond: true, seconds: 2)),
                .looked(DiskFound(bytes: 1, isBeyond: true, seconds: 2)),
            ])
    }

    @Test(arguments: [
        ("4096 0", DiskFound(bytes: 4096)), ("18446744073709551615 0", DiskFound(bytes: 1 << 60)),
        ("1 3", DiskFound(bytes: 1, missed: true, isBeyond: true)), ("1", nil), ("a 0", nil),
        ("-1 0", nil), ("", nil),
    ]) func `what was measured is a line`(line: String, found: DiskFound?) {
        #expect(DiskFound(line) == found)
        if let found { #expect(DiskFound(found.line) == found) }
    }

    @Test func `words about connections come whole, wherever they are cut`() throws {
        let said = [
            frame("p", numbers(3128, 65_535)), frame("a", numbers(1, 0)),
            frame("d", numbers(1) + [UInt8](repeating: 5, count: 32_768)),
            frame("w", numbers(1, 4096)),
            frame("c", numbers(1, 1)),
        ]
        // In pieces that end anywhere.
        let bytes = said.joined().map { "\\" + String($0, radix: 8) }
        let script = stride(from: 0, to: bytes.count, by: 4093).map {
            "printf '\(bytes[$0..<min($0 + 4093, bytes.count)].joined())'"
        }.joined(separator: "; ")
        let found = try answers(InsideConnection(Command("/bin/sh", "-c", script)))
        #expect(found.count == 5)
        #expect(found.first == .ports([3128, 65_535]))
        #expect(found.dropFirst().first == .relay(.accepted(1, listener: 0)))
        guard found.count == 5, case .relay(.data(1, let data)) = found[2] else {
            throw RuntimeFault.badAnswer
        }
        #expect(Array(data) == [UInt8](repeating: 5, count: 32_768))
        #expect(found[3] == .relay(.room(1, 4096)))
        #expect(found[4] == .relay(.over(1, isBroken: true)))
    }

    @Test func `an answer that breaks off is none, and the end is known`() throws {
        let connection = try saying(frame("o", [1], length: 7))
        #expect(try answers(connection).isEmpty)
        #expect(connection.end == .exited(code: 0))
    }

    @Test func `why the local program ended is its last line`() throws {
        let connection = try InsideConnection(
            Command("/bin/sh", "-c", "echo one >&2; echo 'no such thing' >&2; exit 3"))
        #expect(try answers(connection).isEmpty)
        #expect(connection.end == .exited(code: 3))
        #expect(connection.reason == "no such thing")
    }

    @Test func `a place is refused by what its kernel says`() throws {
        var limits = Limits()
        limits.memoryBytes = 1 << 20
        limits.processes = 10
        var hello = InsideFrame.Hello(
            version: 1, user: 1000, walls: 15, memoryLimit: 1 << 20, processesLimit: 11)
        #expect(try hello.missing(limits) == [])
        hello.memoryLimit = .max
        #expect(try hello.missing(limits) == ["limits.memory"])
        hello = InsideFrame.Hello(version: 1, user: 0, walls: 15 - 2)
        #expect(try hello.missing(Limits()) == ["no new privileges", "another user than root"])
        hello.version = 2
        #expect(throws: RuntimeFault.badAnswer) { try hello.missing(Limits()) }
    }
}

import Glibc
import Records
import Smelt
import Testing

@testable import Workers

/// What the two sides of a line say to each other.
@Suite struct FrameTests {
    /// Both ends of a line, over one pipe that leads from the first to the second.
    private final class Line {
        let near: FrameLine
        let far: FrameLine
        let writing: Descriptor
        let reading: Descriptor

        init() throws {
            let ends = try Descriptor.pipe()
            reading = Descriptor(owning: ends.reading)
            writing = Descriptor(owning: ends.writing)
            near = FrameLine(input: reading.number, output: writing.number, patience: 10)
            far = near
        }
    }

    @Test func `frames arrive whole and in order`() throws {
        let line = try Line()
        try line.near.send(.records, [1, 2, 3])
        try line.near.send(.pulse)
        try line.near.send(.piece, [UInt8](repeating: 7, count: 40_000))
        let first = try line.far.receive(within: 10)
        #expect(first.kind == .records)
        #expect(first.payload == [1, 2, 3])
        #expect(try line.far.receive(within: 10).kind == .pulse)
        #expect(try line.far.receive(within: 10).payload.count == 40_000)
    }

    @Test func `what is no frame is named`() throws {
        let line = try Line()
        let banner = Array("Welcome to this machine\n".utf8)
        _ = write(line.writing.number, banner, banner.count)
        #expect {
            _ = try line.far.receive(within: 10)
        } throws: { fault in
            guard case LineFault.strange(let text) = fault else { return false }
            return text.hasPrefix("Welcome")
        }
    }

    @Test func `a frame that is too long is refused before it is read`() throws {
        let line = try Line()
        let head: [UInt8] = [Frame.Kind.records.rawValue, 0xff, 0xff, 0xff, 0xff]
        _ = write(line.writing.number, head, head.count)
        #expect {
            _ = try line.far.receive(within: 10)
        } throws: { fault in
            guard case LineFault.strange = fault else { return false }
            return true
        }
    }

    @Test func `who does not take anything is given up`() throws {
        // Nothing comes from there, either.
        let back = try Descriptor.pipe()
        defer { for end in [back.reading, back.writing] { close(end) } }
        let there = try Line()
        let line = FrameLine(input: back.reading, output: there.writing.number, patience: 0.05)
        #expect {
            for _ in 0..<10 {
                try line.send(.piece, [UInt8](repeating: 0, count: 64 << 10))
            }
        } throws: { fault in
            guard case LineFault.silent = fault else { return false }
            return true
        }
    }

    @Test func `who sends hears what comes meanwhile`() throws {
        let there = try Descriptor.pipe()
        let back = try Descriptor.pipe()
        let ends = [there.reading, there.writing, back.reading, back.writing]
        defer { for end in ends { close(end) } }
        // What comes takes the other side's bytes out of the way.
        let line = FrameLine(input: back.reading, output: there.writing, patience: 10)
        var pulse: [UInt8] = [Frame.Kind.pulse.rawValue, 0, 0, 0, 0]
        #expect(write(back.writing, &pulse, pulse.count) == pulse.count)
        var heard = 0
        line.whileSending = { () throws(LineFault) in
            while let frame = try line.next() { heard += frame.kind == .pulse ? 1 : 0 }
            var bytes = [UInt8](repeating: 0, count: 1 << 20)
            _ = read(there.reading, &bytes, bytes.count)
        }
        defer { line.whileSending = nil }
        try line.send(.piece, [UInt8](repeating: 7, count: 100_000))
        #expect(heard == 1)
    }
}

/// What ssh complains.
@Suite struct ComplaintsTests {
    @Test func `only the last of much is kept`() throws {
        let ends = try Descriptor.pipe()
        let complaints = Complaints(owning: ends.reading)
        let writing = Descriptor(owning: ends.writing)
        for _ in 0..<10 {
            try [UInt8](repeating: 65, count: 60_000).withUnsafeBytes {
                try writing.write($0, name: "complaints")
            }
            complaints.take()
        }
        _ = write(writing.number, "the end", 7)
        _ = consume writing
        complaints.take()
        #expect(complaints.text.hasSuffix("Athe end") && complaints.text.count == 64 << 10)
        #expect(complaints.descriptor == -1)
    }
}

/// How ssh is called.
@Suite struct SSHTests {
    @Test func `host keys are checked, nothing is asked or forwarded`() throws {
        var target = WorkerTarget(host: "builder")
        target.user = "smelt"
        target.port = 2222
        target.command = "/opt/my smelt/smelt-queue"
        let words = try SSHLine.words(target, pulse: 5)
        #expect(words.contains("-oStrictHostKeyChecking=yes"))
        #expect(words.contains("-oBatchMode=yes"))
        #expect(words.contains("-a") && words.contains("-x"))
        #expect(
            Array(words.suffix(7)) == [
                "-p", "2222", "-l", "smelt", "--", "builder", "'/opt/my smelt/smelt-queue' work",
            ])
    }

    @Test func `a target travels as it was`() throws {
        var target = WorkerTarget(host: "h")
        target.onDisconnect = .finish
        target.graceSeconds = 7
        #expect(WorkerTarget(json: target.json) == target)
        #expect(WorkerTarget(json: "{\"user\":\"x\"}") == nil)
        #expect(WorkerTarget(json: "{\"host\":\"x\"}")?.disconnect == .end)
    }
}

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

        init(patience: Double = 10) throws {
            let ends = try Descriptor.pipe()
            reading = Descriptor(owning: ends.reading)
            writing = Descriptor(owning: ends.writing)
            near = FrameLine(input: reading.number, output: writing.number, patience: patience)
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
        #expect(throws: LineFault.self) { _ = try line.far.receive(within: 10) }
    }

    @Test func `who does not take anything is given up`() throws {
        let line = try Line(patience: 0.05)
        #expect {
            for _ in 0..<10 {
                try line.near.send(.piece, [UInt8](repeating: 0, count: 64 << 10))
            }
        } throws: { fault in
            guard case LineFault.silent = fault else { return false }
            return true
        }
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

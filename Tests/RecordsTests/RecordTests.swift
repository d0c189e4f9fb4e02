import Records
import Smelt
import Testing

struct RecordTests {
    let run = RunID.unknown
    let time = Timestamp(milliseconds: 0)

    @Test func `the head comes first and the members are sorted`() throws {
        let record = Failed(stage: "exec", code: "io", status: 74, message: "a/b", session: "s")
        let line = String(decoding: try RecordJSON.line(record, run: run, at: time), as: UTF8.self)
        #expect(
            line
                == #"{"v":1,"type":"failed","time":"1970-01-01T00:00:00.000Z","run":"\#(run)","#
                + #""code":"io","message":"a/b","session":"s","stage":"exec","status":74}"# + "\n")
    }

    @Test(arguments: [
        "plain", "tab\tquote\" back\\ nul\0 é 😀 \u{7f}", "", String(repeating: "x", count: 70),
    ])
    func `output is read back as it was printed`(text: String) throws {
        var line: [UInt8] = []
        OutputLine(run: run, session: "s\"1", attempt: 2)
            .append(Array(text.utf8)[...], stream: .stderr, offset: 7, at: time, to: &line)
        let read = try RecordJSON.decode(Output.self, from: line)
        #expect(
            read == Output(session: "s\"1", attempt: 2, stream: .stderr, offsetBytes: 7, text: text)
        )
        #expect(line.withUnsafeBytes { LineScan($0)?.type } == "output")
    }

    @Test func `output that is no text travels as base 64`() throws {
        let bytes: [UInt8] = [0xFF, 0x00, 0x41, 0xC3]
        var line: [UInt8] = []
        OutputLine(run: run, session: "s", attempt: 1)
            .append(bytes[...], stream: .stdout, offset: 0, at: time, to: &line)
        let read = try RecordJSON.decode(Output.self, from: line)
        #expect(read.text == nil)
        #expect(read.bytes == bytes)
    }
}

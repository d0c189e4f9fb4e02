import Records
import Smelt

/// A head is the same however its bytes come; what is accepted has one reading; where the body ends does not depend on
/// how it is cut. The first byte says how much of the rest comes at once, and whether it is a request.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let all = Array(UnsafeBufferPointer(start: start, count: count))
    guard let first = all.first else { return 0 }
    let bytes = Array(all.dropFirst())
    let isRequest = first & 1 == 0
    let piece = Int(first >> 1) + 1
    var whole = HTTPHeadReader(request: isRequest)
    var cut = HTTPHeadReader(request: isRequest)
    let finding = whole.find(bytes)
    var sameCut = HTTPHead.Finding.more
    var end = 0
    while end < bytes.count {
        end = min(end + piece, bytes.count)
        sameCut = cut.find(Array(bytes[..<end]))
        if case .more = sameCut { continue }
        break
    }
    guard case .head(let head) = finding else {
        // What is wrong may be seen earlier, with fewer bytes, and never later.
        if case .wrong = finding, case .head = sameCut { preconditionFailure("read when cut") }
        return 0
    }
    guard case .head(let other) = sameCut else { preconditionFailure("not read when cut") }
    precondition(head.bytes == other.bytes && head.start == other.start, "read otherwise when cut")
    check(head)
    let framing = head.framing(answering: "GET")
    let lengths = head.values("content-length").count
    let encodings = head.values("transfer-encoding").count
    precondition(framing == nil || lengths + encodings <= 1, "its end is said twice")
    if let framing { checkBody(framing, Array(bytes[head.bytes.count...]), piece, isRequest) }
    if isRequest, let target = HTTPTarget(head) {
        precondition(NetworkHost("\(target.host)") == target.host, "a host has two spellings")
        precondition((1...65_535).contains(target.port) && target.path.hasPrefix("/"), "nowhere")
        precondition(head.values("host").count <= 1, "two hosts")
    }
    return 0
}

/// Written down again line by line, it is what was read.
private func check(_ head: HTTPHead) {
    let text = head.bytes
    precondition(text.suffix(4) == [13, 10, 13, 10], "its end is none")
    for (index, byte) in text.enumerated() {
        if byte == 10 { precondition(index > 0 && text[index - 1] == 13, "a bare LF") }
        if byte == 13 { precondition(index + 1 < text.count && text[index + 1] == 10, "a bare CR") }
        precondition(byte >= 32 && byte != 127 || [9, 10, 13].contains(byte), "a control byte")
    }
    let lines = text.split(separator: 10).map { $0.dropLast() }.filter { !$0.isEmpty }
    precondition(lines.count == head.fields.count + 1, "a line is two fields, or none")
    for (line, field) in zip(lines.dropFirst(), head.fields) {
        precondition(line.starts(with: text[field.name] + [58]), "another name")
        precondition(line.first != 32 && line.first != 9, "a folded line")
    }
}

private func checkBody(
    _ framing: HTTPBody.Framing, _ bytes: [UInt8], _ piece: Int, _ isStrict: Bool
) {
    var whole = HTTPBody(framing, strict: isStrict)
    let taken = whole.take(bytes)
    var cut = HTTPBody(framing, strict: isStrict)
    var sum: Int? = 0
    var at = 0
    while at < bytes.count, !cut.isDone, let before = sum {
        let next = Array(bytes[at..<min(at + piece, bytes.count)])
        sum = cut.take(next).map { before + $0 }
        at += next.count
    }
    precondition(taken == sum && whole.isDone == cut.isDone, "a body ends elsewhere when cut")
}

import FoundationEssentials
import Glibc
import Records
import Smelt

/// The reader cuts lines where a plain search for line ends would; what passes as a record is what a full
/// decoder takes for an object, and whatever an encoder writes of an object passes.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = Array(UnsafeBufferPointer(start: start, count: count))
    var lines: [[UInt8]] = []
    feed(bytes) { input in
        let reader = LineReader(input)
        while !reader.isAtEnd {
            while let piece = reader.next() {
                guard case .line(let line) = piece else { preconditionFailure("none is too long") }
                lines.append(Array(line))
            }
            do { try reader.fill() } catch { preconditionFailure("\(error)") }
        }
        precondition(reader.number == lines.count, "lines are counted otherwise")
    }
    precondition(Array(lines.joined()) == bytes, "bytes were lost")
    precondition(lines.allSatisfy { !$0.isEmpty && !$0.dropLast().contains(10) }, "a line is two")
    for line in lines { compare(line) }
    return 0
}

private func compare(_ line: [UInt8]) {
    let isRecord = line.withUnsafeBytes { LineScan($0) } != nil
    // The decoder takes other encodings than UTF-8, too.
    if line.contains(0) || line.starts(with: [0xEF, 0xBB, 0xBF]) { return }
    if let object = try? JSONDecoder().decode([String: JSONValue].self, from: Data(line)) {
        // It forgives commas before an end and what stands in a member that comes twice; what it
        // made of the line must be a record however it is written.
        guard let written = try? JSONEncoder().encode(object) else { return }
        let isStill = Array(written).withUnsafeBytes { LineScan($0) } != nil
        return precondition(isStill, "a record is refused")
    }
    guard isRecord else { return }
    // What the scan leaves to who decodes: halves of pairs, numbers beyond a double, depth.
    let text = String(decoding: line, as: UTF8.self).lowercased()
    let isLarge =
        text.contains("e")
        || line.split(whereSeparator: { !(48...57).contains($0) })
            .contains { $0.count > 15 }
    let isDeep = line.count { $0 == UInt8(ascii: "[") || $0 == UInt8(ascii: "{") } > 500
    precondition(text.contains("\\ud") || isLarge || isDeep, "no record passes")
}

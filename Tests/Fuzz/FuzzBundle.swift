import Glibc
import Smelt

/// Whatever stands before a pack, it is refused by a sentence, or what was read of it is well formed and
/// the reading stopped exactly behind the pack's own head.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = Array(UnsafeBufferPointer(start: start, count: count))
    feed(bytes) { input in
        do {
            let header = try BundleHeader(
                reading: input, branch: "refs/heads/smelt/one", objects: 1000,
                deadline: monotonicSeconds() + 5)
            var rest = [UInt8](repeating: 0, count: bytes.count + 1)
            let at = bytes.count - read(input, &rest, rest.count)
            precondition(at >= 12 && Array(bytes[at - 12..<at - 8]) == Array("PACK".utf8), "\(at)")
            precondition(header.objects <= 1000 && at <= BundleHeader.longest)
            for name in header.prerequisites + [header.commit] {
                precondition(name.utf8.count == 40 && name.allSatisfy(\.isHexDigit), name)
                precondition(contains(bytes[..<at], Array(name.utf8)), "made up: \(name)")
            }
        } catch {
            guard let fault = error as? QuarantineFault else {
                preconditionFailure("not a refusal: \(error)")
            }
            let sentence = "\(fault)"
            precondition(
                sentence.unicodeScalars.allSatisfy { $0.value >= 32 && $0.value != 127 },
                "a terminal would obey: \(sentence.debugDescription)")
        }
    }
    return 0
}

private func contains(_ bytes: ArraySlice<UInt8>, _ word: [UInt8]) -> Bool {
    bytes.indices.contains { bytes[$0...].starts(with: word) }
}

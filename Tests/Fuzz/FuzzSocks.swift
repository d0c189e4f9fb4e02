import Records
import Smelt

/// What is decided from some bytes stays so when more come; a host is one that can be dialled.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = Array(UnsafeBufferPointer(start: start, count: count))
    let greeting = SocksRequest.greeting(bytes[...])
    let target = SocksRequest.target(bytes[...])
    for end in 0..<bytes.count {
        let early = SocksRequest.greeting(bytes[..<end])
        precondition(early == .more || early == greeting, "another greeting")
        let place = SocksRequest.target(bytes[..<end])
        precondition(place == .more || place == target, "another target")
    }
    if case .methods(_, let length) = greeting { precondition(length <= bytes.count, "too long") }
    if case .connect(let host, let port, let length) = target {
        precondition(length <= bytes.count && (1...65_535).contains(port), "nowhere")
        precondition(NetworkHost("\(host)") == host, "a host has two spellings")
        precondition("\(host)".utf8.allSatisfy { (33...126).contains($0) }, "no host")
    }
    return 0
}

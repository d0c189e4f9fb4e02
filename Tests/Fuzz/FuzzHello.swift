/// What is found out from some bytes stays so when more come; a name is in the bytes.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = Array(UnsafeBufferPointer(start: start, count: count))
    let finding = ClientHello.find(bytes[...])
    for end in 0..<min(bytes.count, 600) {
        let early = ClientHello.find(bytes[..<end])
        precondition(early == .more || early == finding, "found otherwise")
    }
    if case .name(let name?) = finding {
        precondition(!name.isEmpty && name.count < bytes.count, "a name from nowhere")
    }
    let begins = HTTPHead.begins(bytes)
    for end in 0..<min(bytes.count, 64) {
        let early = HTTPHead.begins(Array(bytes[..<end]))
        precondition(early == nil || early == begins, "begins otherwise")
    }
    return 0
}

import Records
import Smelt

/// Every query is answered with its own number or not at all, and with data only for names that are allowed; what is
/// refused is told by its name.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = Array(UnsafeBufferPointer(start: start, count: count))
    let policy = Policy(["a.example", "*.b.example"].compactMap { NetworkRule($0) })
    var server = NameServer(policy)
    let (answer, refused) = server.answer(bytes[...])
    guard let answer else {
        precondition(refused == nil, "refused in silence")
        return 0
    }
    precondition(answer.count >= 12 && answer.count <= 1024, "a strange size")
    precondition(Array(answer[..<2]) == Array(bytes[..<2]) && answer[2] & 0x80 != 0, "no answer")
    precondition(answer[7] <= 1, "more than one record")
    guard case .success(let query)? = NameQuery.read(bytes[...]) else {
        precondition(answer[3] & 15 != 0 && answer[7] == 0, "an answer to no query")
        return 0
    }
    if answer[7] == 1 {
        precondition(query.kind == .address, "data of another kind")
        guard case .name(let name)? = NetworkHost(query.name) else {
            preconditionFailure("an address of no name")
        }
        let isHere = name == "localhost" || name.hasSuffix(".localhost")
        precondition(isHere || policy.knows(.name(name)), "an address of a name not allowed")
    }
    if let refused {
        precondition(answer[7] == 0 && refused.utf8.count < 1024, "refused with data")
    }
    return 0
}

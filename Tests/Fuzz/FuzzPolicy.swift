import Policies
import Sandbox
import Smelt
import Toml

/// Whatever the bytes are, the answer is a policy or problems, each a line at a place in the text. Of a policy every path
/// of the host is absolute and every place inside a plain one; added to nothing it is itself, and to itself it allows
/// no more. The file builds on files that are beside it, which are the corpus.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let text = Array(UnsafeBufferPointer(start: start, count: count))
    let file = SourceFile(name: "f", path: "/d/f", directory: "/d", text: text)
    let policy: Policy
    do throws(PolicyFault) { policy = try PolicyFiles(file).policy } catch {
        guard case .invalid = error else {
            preconditionFailure("not a problem of the text: \(error)")
        }
        let lines = "\(error)".split(separator: "\n")
        precondition(!lines.isEmpty, "refused without a reason")
        for line in lines {
            let parts = line.split(separator: ":", maxSplits: 3)
            precondition(
                parts.count == 4 && Int(parts[1]) != nil && Int(parts[2]) != nil,
                "no place: \(line)")
            precondition(
                line.unicodeScalars.allSatisfy { $0.value >= 32 && $0.value != 127 },
                "a terminal would obey: \(line.debugDescription)")
        }
        return 0
    }
    for path in policy.sources + policy.hidden + policy.masked {
        precondition(path.value.hasPrefix("/") && !path.value.utf8.contains(0), "a relative path")
    }
    for target in policy.memory.map(\.value.target) + policy.binds.map(\.value.target) {
        precondition(Files.normal(target) == target && target != "/", "no place inside: \(target)")
    }
    precondition(
        policy.mode == .allow || policy.rules.isEmpty && policy.brokers.isEmpty, "rules of no use")
    var whole = Policy()
    whole.add(policy)
    precondition(say(whole) == say(policy), "another when it is added to nothing")
    whole.add(policy)
    precondition(whole.limits == policy.limits && whole.seccomp == policy.seccomp)
    precondition(whole.variables.count == policy.variables.count, "another when it comes twice")
    return 0
}

private func say(_ policy: Policy) -> String {
    var policy = policy
    let variables = policy.variables.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
    let origins = policy.origins.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
    let each = policy.resourceLimits.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
    (policy.variables, policy.origins, policy.resourceLimits) = ([:], [:], [:])
    return "\(policy) \(variables) \(origins) \(each)"
}

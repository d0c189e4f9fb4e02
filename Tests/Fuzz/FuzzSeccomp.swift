import Toml

@testable import Sandbox

/// Whatever the bytes are, the answer is a policy or problems. A policy's filter is a program that the kernel takes,
/// which lets a command start and end, kills nothing of this architecture, and refuses what is denied by name.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let text = Array(UnsafeBufferPointer(start: start, count: count))
    let file = SourceFile(name: "f", path: "/f", directory: "/", text: text)
    let policy: SeccompPolicy
    do throws(SourceFault) { policy = try SeccompFile.read(file).policy } catch {
        guard case .invalid(_, let problems) = error else {
            preconditionFailure("not a problem of the text: \(error)")
        }
        precondition(!problems.isEmpty, "refused without a reason")
        return 0
    }
    do throws(SandboxFault) {
        let program = try SeccompCompiler.compile(SeccompRules(policy))
        precondition(SeccompProgram(bytes: program.bytes) == program, "no program")
        for number in 0...Int32(SeccompRules.newest) {
            var call = SeccompProgram.Call(number: number, architecture: native)
            call.arguments = (0..<6).map { UInt64(number) << ($0 * 8) }
            precondition(program.answer(to: call) != .killed, "\(number) is killed")
        }
        for entry in policy.deny where entry.when.isEmpty {
            guard let number = SeccompRules.number(entry.call) else { continue }
            let call = SeccompProgram.Call(number: number, architecture: native)
            guard case .refused = program.answer(to: call) else {
                preconditionFailure("\(entry.call) passes")
            }
        }
    } catch { preconditionFailure("looked through, and not to be used: \(error)") }
    return 0
}

#if arch(x86_64)
    private let native: UInt32 = 0xc000_003e
#else
    private let native: UInt32 = 0xc000_00b7
#endif

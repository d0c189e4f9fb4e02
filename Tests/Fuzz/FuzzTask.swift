import Records
import Smelt

@testable import Tasks

/// Whatever the bytes are, the answer is a task or problems, each at a place in the text and fit for a terminal. What a
/// task says can be done: its times are times, its slot is a name, its delays stay in their bounds, also at retries
/// that nobody will live to see. In an envelope it is the same task.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let text = Array(UnsafeBufferPointer(start: start, count: count))
    guard let task = read(text) else { return 0 }
    precondition(task.timeoutSeconds > 0 && task.timeoutSeconds.isFinite, "no time")
    precondition((1...64).contains(task.slot.utf8.count) && !task.slot.contains("/"), "no slot")
    precondition(task.maxRetries != 0, "retries that are none")
    if case .always(let pause) = task.restart {
        precondition(pause >= 0 && pause.isFinite, "no pause")
    }
    if case .script(_, let body, _) = task.work.mode { precondition(!body.isEmpty, "no script") }
    check(task.backOff)
    let isWrapped = text.contains(UInt8(ascii: "s")) && has("spec", text)
    if !isWrapped, let same = read(Array("{\"spec\": ".utf8) + text + Array("}".utf8)) {
        precondition(same == task, "another task in an envelope")
    }
    return 0
}

private func check(_ backOff: BackOff) {
    precondition(backOff.firstSeconds > 0 && backOff.firstSeconds <= backOff.mostSeconds, "first")
    precondition(backOff.factor >= 1 && backOff.factor.isFinite, "factor")
    var chance = Chance()
    var previous: Double?
    for retry: UInt64 in [0, 1, 2, 63, 1 << 20, .max] {
        let delay = backOff.delay(retry: retry, previous: previous, using: &chance)
        precondition(delay >= BackOff.least && delay <= max(backOff.mostSeconds, BackOff.least))
        previous = delay
    }
}

/// The same for the same input.
private struct Chance: RandomNumberGenerator {
    private var state: UInt64 = 0x9e37_79b9_7f4a_7c15

    mutating func next() -> UInt64 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return state
    }
}

private func has(_ name: String, _ text: [UInt8]) -> Bool {
    guard let root = try? JSONParser.parse(text), case .object(let members) = root.value else {
        return false
    }
    return members.contains { $0.name == name }
}

private func read(_ text: [UInt8]) -> TaskSpec? {
    do throws(TaskFault) { return try TaskReader.read(text, file: "f", runner: "smelt-exec") } catch
    {
        precondition(!error.description.isEmpty, "refused without a reason")
        guard case .invalid(_, let problems) = error else { return nil }
        precondition(!problems.isEmpty, "refused without a reason")
        let lines = text.count { $0 == 10 } + 1
        for problem in problems {
            let parts = problem.split(separator: ":", maxSplits: 3)
            guard parts.count == 4, parts[0] == "f", let line = Int(parts[1]),
                let column = Int(parts[2])
            else { preconditionFailure("no place: \(problem.debugDescription)") }
            precondition((1...lines).contains(line) && (1...text.count + 1).contains(column))
            precondition(
                problem.unicodeScalars.allSatisfy { $0.value >= 32 && $0.value != 127 },
                "a terminal would obey: \(problem.debugDescription)")
        }
        return nil
    }
}

import Smelt

@testable import Store

/// What is added, and what is answered.
extension Agreement {
    mutating func add() throws -> String? {
        var job = NewJob(.command, name: "true", body: Array("{}".utf8))
        job.group = any(["default", "one", "two"]) ?? "default"
        if chance(30) { job.priority = Int64(roll(-20...20)) }
        if chance(15) { job.due = now.wall + Int64(roll(1...500_000)) }
        if chance(10) { job.hold = true }
        if chance(25) { job.slot = any(["a", "b"]) }
        job.admission = any(SlotAdmission.allCases) ?? .queue
        if chance(25) { job.lock = any(["main", "work"]) }
        if chance(15) { job.unique = any(["x", "y"]) }
        if chance(50) { job.retries = Int64(roll(0...3)) }
        if chance(10) { job.budget = Int64(roll(1...50_000)) }
        if chance(30) {
            for _ in 0..<roll(1...3) {
                guard let other = any(model.jobs) else { break }
                job.after.append(NewJob.After(other.id, any(Need.allCases) ?? .any))
            }
        }
        let expected = model.answer(to: job)
        let isRefused = expected == .added && model.waitsForItself(job, now)
        let answer: [Admission]
        do throws(StoreFault) { answer = try store.add([job], by: actor, now) } catch {
            trace.append("add \(job.slot ?? "-") \(job.admission): \(error)")
            return isRefused ? nil : "refused: \(error)"
        }
        if isRefused { return "one was added that waits for itself" }
        trace.append(
            "add \(job.slot ?? "-") \(job.admission) \(job.lock ?? "-") \(job.unique ?? "-") after \(job.after.count): \(answer)"
        )
        switch (answer.first, expected) {
        case (.added(let id, _), .added):
            model.add(job, as: id, now)
            return nil
        case (.existing(let id, _), .existing(let other)) where id == other: return nil
        case (.dropped(let id), .dropped(let other)) where id == other: return nil
        case (.full, .full): return nil
        default: return "\(answer) was answered, not \(expected)"
        }
    }
}

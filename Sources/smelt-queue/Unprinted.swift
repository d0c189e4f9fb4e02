import Glibc
import Smelt

/// What was done although nobody could be told of it where he wanted to be.
struct Unprinted: Fault {
    private let fault: SystemFault
    /// With which the sentence ends.
    private let done: String

    var exit: Exit { fault.exit }
    var code: String { fault.code }
    var description: String { done.isEmpty ? "\(fault)" : "\(fault); \(done)" }

    /// Prints `text`, or says why not and what was done all the same.
    static func put(_ text: [UInt8], done: @autoclosure () -> String) throws {
        // Who is ended by the signal can say nothing.
        signal(SIGPIPE, SIG_IGN)
        do { try Smelt.put(text) } catch let fault as SystemFault {
            throw Unprinted(fault: fault, done: done())
        } catch let cancelled as Cancelled {
            // Nobody reads any more.
            let done = done()
            if !done.isEmpty { say("smelt-queue: \(done)\n") }
            throw cancelled
        }
    }

    /// What one or many did, and which, of many the first; nothing of none.
    static func named(_ ids: [RunID], _ one: String, _ many: String) -> String {
        if ids.isEmpty { return "" }
        if ids.count == 1 { return "job '\(ids[0])' \(one)" }
        let named = ids.prefix(20).map { " \($0)" }.joined()
        let others = ids.count > 20 ? " and \(ids.count - 20) others" : ""
        return "\(ids.count) jobs \(many):\(named)\(others)"
    }
}

import Smelt
import Store

@main
enum SmeltQueue {
    static func main() {
        Tool(
            "smelt-queue", summary: "keeps jobs on disk until they are done",
            verbs: [
                Add.verb, Lists.list, Lists.show, Events.verb, Steer.cancel, Steer.hold,
                Steer.release, Steer.retry, Edit.verb, Steer.priority, Groups.pause, Groups.resume,
                Groups.group, Groups.stats, Keep.backup, Keep.verify, Keep.restore, Keep.prune,
                Keep.audit, Serve.verb, Waiting.verb, Logs.verb, Serve.drainVerb, Work.carry,
                Work.work,
            ]
        ).start()
    }

    static var path: String { get throws { "\(try Places.state())/smelt.db" } }

    /// The queue with all that was added to it. Who only looks needs not all, as does a job that has nothing to do with others:
    /// what could not be taken in is left out, and the store says so to whoever asks for that.
    static func open(needsAll: Bool = true) throws -> Store {
        var options = Store.Options()
        options.isBrief = true
        let store = try Store(try path, options)
        if needsAll, let fault = store.leftOut { throw fault }
        return store
    }

    /// Behind what was found, for who wants to see everything.
    static func tellLeftOut(_ store: Store) {
        guard let fault = store.leftOut else { return }
        say("smelt-queue: jobs that were just added are left out: \(fault)\n")
    }
}

extension Kind where Value == RunID {
    static var job: Kind { Kind("ID", wants: "a job's id of 26 characters") { RunID($0) } }
}

extension Words {
    /// Operands as ids, at least one, without the first and the last of them.
    func ids(after skipped: Int = 0, leaving last: Int = 0) throws -> [RunID] {
        let named = operands.dropFirst(skipped).dropLast(last)
        guard !named.isEmpty else { throw Usage("no job given") }
        var ids: [RunID] = []
        for word in named {
            guard let id = RunID(word) else {
                throw Usage("'\(Visible.line(word))' is no job's id: it has 26 characters")
            }
            ids.append(id)
        }
        return ids
    }
}

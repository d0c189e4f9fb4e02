internal import Records
internal import Smelt

/// A line of the audit.
package struct AuditEntry: Sendable, Equatable {
    package let number: Int64
    package let time: Int64
    package let actor: String
    package let action: String
    package let object: String
    /// An object in JSON.
    package let detail: String
    package let hash: String

    /// What is hashed behind the hash of the entry before: the entry as it is printed, without the hash.
    package var text: String {
        var line: [UInt8] = []
        line.append(contentsOf: "{\"action\":".utf8)
        JSONText.appendQuoted(Array(action.utf8)[...], to: &line)
        line.append(contentsOf: ",\"actor\":".utf8)
        JSONText.appendQuoted(Array(actor.utf8)[...], to: &line)
        line.append(contentsOf: ",\"detail\":\(detail),\"n\":\(number),\"object\":".utf8)
        JSONText.appendQuoted(Array(object.utf8)[...], to: &line)
        line.append(contentsOf: ",\"time\":\"\(Timestamp(milliseconds: time))\"}".utf8)
        return String(decoding: line, as: UTF8.self)
    }
}

/// The audit: what was done to the store, by whom and why. Each entry's hash is of the entry before and of itself, so that
/// none can be changed, left out or put in without all that follow being made anew; who keeps the last hash elsewhere notices
/// that too. It is never pruned.
extension Store {
    /// The hash that the first entry follows.
    static let origin = String(repeating: "0", count: 64)

    func note(
        _ actor: Actor, _ action: String, _ object: String, _ detail: [(String, String?)],
        _ now: Instant
    ) throws(StoreFault) {
        var text = Array("{".utf8)
        for (name, value) in detail {
            guard let value else { continue }
            if text.count > 1 { text.append(UInt8(ascii: ",")) }
            JSONText.appendQuoted(Array(name.utf8)[...], to: &text)
            text.append(UInt8(ascii: ":"))
            JSONText.appendQuoted(Array(value.utf8)[...], to: &text)
        }
        text.append(UInt8(ascii: "}"))
        let last = try auditHead()
        let entry = AuditEntry(
            number: last.number + 1, time: now.wall, actor: actor.text, action: action,
            object: object, detail: String(decoding: text, as: UTF8.self), hash: "")
        try database.run(
            "INSERT INTO audit (n, time, actor, action, object, detail, hash) VALUES (?, ?, ?, ?, ?, ?, ?)",
            .number(entry.number), .number(entry.time), .text(entry.actor), .text(action),
            .text(object), .text(entry.detail), .text(Self.hash(entry, after: last.hash)))
    }

    /// Who added jobs is one entry, which names a few, and of many the first and the last.
    func note(_ answers: [Admission], by actor: Actor, _ now: Instant) throws(StoreFault) {
        let added = answers.compactMap { answer in
            if case .added(let id, _) = answer { id.description } else { nil }
        }
        guard let first = added.first, let last = added.last else { return }
        // `joined` looks up conformances, which costs a tenth of adding a job.
        let few = added.count <= 20 ? added.dropFirst().reduce(first) { "\($0) \($1)" } : nil
        try note(
            actor, "add", first,
            [
                ("count", "\(added.count)"), ("jobs", added.count > 1 ? few : nil),
                ("last", few == nil ? last : nil),
            ], now)
    }

    static func hash(_ entry: AuditEntry, after last: String) -> String {
        var sum = SHA256()
        sum.update(Array(last.utf8))
        sum.update(Array(entry.text.utf8))
        return sum.finish()
    }

    /// The number and hash of the last entry, to be kept where whoever can write here cannot.
    package func auditHead() throws(StoreFault) -> (number: Int64, hash: String) {
        try database.first("SELECT n, hash FROM audit ORDER BY n DESC LIMIT 1") {
            (row) throws(StoreFault) in (try row.sound(0), row.text(1))
        } ?? (0, Self.origin)
    }

    /// Entries after that number, at most so many.
    package func audit(after number: Int64 = 0, most: Int64 = 1000) throws(StoreFault)
        -> [AuditEntry]
    {
        try database.all(
            "SELECT n, time, actor, action, object, detail, hash FROM audit WHERE n > ? ORDER BY n LIMIT ?",
            .number(number), .number(most)
        ) { (row) throws(StoreFault) in
            AuditEntry(
                number: try row.sound(0), time: try row.sound(1), actor: row.text(2),
                action: row.text(3), object: row.text(4), detail: row.text(5), hash: row.text(6))
        }
    }

    /// What is wrong with the chain, in sentences; with a head that was kept, also whether it is still part of it.
    package func verifyAudit(
        head kept: (number: Int64, hash: String)? = nil
    ) throws(StoreFault) -> [String] {
        var last: (number: Int64, hash: String) = (0, Self.origin)
        var isThere = kept.map { $0.number == 0 } ?? true
        while true {
            let entries = try audit(after: last.number)
            if entries.isEmpty { break }
            for entry in entries {
                guard entry.number == last.number + 1 else {
                    return ["the audit lacks entry \(last.number + 1)"]
                }
                guard Self.hash(entry, after: last.hash) == entry.hash else {
                    return ["entry \(entry.number) of the audit was changed"]
                }
                last = (entry.number, entry.hash)
                if let kept, kept.number == last.number {
                    guard kept.hash == last.hash else {
                        return ["entry \(last.number) of the audit is not the one that was kept"]
                    }
                    isThere = true
                }
            }
        }
        return isThere
            ? [] : ["the audit ends at \(last.number), before the entry that was kept"]
    }
}

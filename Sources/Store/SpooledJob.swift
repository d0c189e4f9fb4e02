internal import Records
internal import Smelt

/// A job as it lies in the spool: a line of JSON with all that was said of it, who said it and when.
struct SpooledJob: Equatable {
    var id: RunID
    /// When it was added, in milliseconds since 1970.
    var time: Int64
    var actor: Actor
    var job: NewJob

    /// Whether the job can be written so.
    static func fits(_ job: NewJob) -> Bool {
        job.body.count < Spool.size && JSONText.isUTF8(job.body[...])
    }

    var text: [UInt8] {
        var text = Array("{\"id\":\"\(id)\",\"time\":\(time),\"uid\":\(actor.uid)".utf8)
        func add(_ name: String, _ value: String?) {
            guard let value else { return }
            add(name, Array(value.utf8))
        }
        func add(_ name: String, _ value: [UInt8]) {
            text.append(contentsOf: ",\"\(name)\":".utf8)
            JSONText.appendQuoted(value[...], to: &text)
        }
        func add(_ name: String, _ value: Int64?) {
            guard let value else { return }
            text.append(contentsOf: ",\"\(name)\":\(value)".utf8)
        }
        add("host", actor.host)
        add("kind", job.kind.rawValue)
        add("name", job.name)
        add("body", job.body)
        add("origin", job.origin)
        if !job.labels.isEmpty { add("labels", Labels.write(job.labels)) }
        add("group", job.group)
        add("priority", job.priority)
        add("due", job.due)
        add("hold", job.hold ? 1 : 0)
        add("admission", job.admission.rawValue)
        add("lock", job.lock)
        add("retries", job.retries)
        add("backoff", job.backoff)
        add("budget", job.budget)
        add("timeout", job.timeout)
        text.append(UInt8(ascii: "}"))
        return text
    }

    init(_ job: NewJob, id: RunID, at time: Int64, by actor: Actor) {
        (self.job, self.id, self.time, self.actor) = (job, id, time, actor)
    }

    /// The job that is written there; nil where none is.
    init?(_ bytes: ArraySlice<UInt8>) {
        guard case .object(let members)? = (try? JSONParser.parse(Array(bytes)))?.value else {
            return nil
        }
        func text(_ name: String) -> String? {
            guard case .string(let text)? = members.first(where: { $0.name == name })?.value.value
            else { return nil }
            return text
        }
        func number(_ name: String) -> Int64? {
            guard case .number(let text)? = members.first(where: { $0.name == name })?.value.value
            else { return nil }
            return Int64(text)
        }
        guard let id = text("id").flatMap(RunID.init), let time = number("time"),
            let uid = number("uid").flatMap(UInt32.init(exactly:)), let host = text("host"),
            let kind = number("kind").flatMap(JobKind.init), let name = text("name"),
            let body = text("body"), let group = text("group"), let priority = number("priority"),
            let admission = number("admission").flatMap(SlotAdmission.init),
            let retries = number("retries"), let backoff = number("backoff")
        else { return nil }
        (self.id, self.time, actor) = (id, time, Actor(uid: uid, host: host))
        job = NewJob(kind, name: name, body: Array(body.utf8))
        (job.group, job.priority, job.admission) = (group, priority, admission)
        (job.retries, job.backoff, job.hold) = (retries, backoff, number("hold") == 1)
        job.labels = text("labels").map(Labels.read) ?? []
        (job.origin, job.lock, job.due) = (text("origin"), text("lock"), number("due"))
        (job.budget, job.timeout) = (number("budget"), number("timeout"))
    }
}

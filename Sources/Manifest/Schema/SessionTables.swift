internal import Records

/// What is written while sessions run.
enum SessionTables {
    static let all = [taken, started, output, gate, egress, denied, finished, task, allFinished]

    private static let session = Member("session", .text, "its name")
    private static let attempt = Member("attempt", .integer(least: 1), "from 1")

    static let taken = MemberTable(
        SessionTaken.type, "A session that another run has done; it is not run again.",
        [
            Member("session", .text, "its name"),
            Member("attempt", .integer(least: 1), "in the run that did it"),
            Member("branch", .text, "its work"),
            Member("start", .commit, "what it started from"),
            Member("commit", .commit, "the last one of the branch"),
            Member("from", .text, "the run that did it"),
        ])

    static let started = MemberTable(
        SessionStarted.type, "A session's first process is running.",
        [
            session, attempt,
            Member("branch", .text, optional: true, "what it works on"),
            Member("commit", .commit, optional: true, "what it starts from"),
            Member("workspace", .text, "where"),
        ])

    static let output = MemberTable(
        Output.type, "A piece of what a session printed, secrets masked: text, or base64.",
        [
            session, attempt,
            Member("stream", .choice(["stdout", "stderr"]), "where it was printed"),
            Member("offsetBytes", .integer(least: 0), "where it begins in its stream"),
            Member("text", .text, optional: true, "the piece when it is UTF-8"),
            Member("base64", .base64, optional: true, "the piece otherwise"),
        ])

    static let gate = MemberTable(
        GateFinished.type, "The harness has decided.",
        [
            session,
            Member("command", .text, "what was run"),
            Member("ok", .flag, "whether the work is good"),
            Member("status", .integer(least: 0), "128 + n for a signal, 124 out of time"),
            Member("seconds", .number(least: 0), "how long it took"),
        ])

    static let egress = MemberTable(
        Egress.type, "A connection that a session asked for.",
        [
            session,
            Member("host", .text, "where to"),
            Member("port", .integer(least: 1), "where to"),
            Member("allowed", .flag, "whether it was let through"),
            Member("rule", .text, optional: true, "which rule said so"),
            Member("reason", .text, optional: true, "why not, or why nothing came of it"),
            Member("count", .integer(least: 1), optional: true, "how many alike; absent is one"),
        ])

    static let denied = MemberTable(
        Denied.type, "Something that the confinement refused.",
        [
            session,
            Member("what", .text, "what was tried"),
            Member("mechanism", .text, "what refused it"),
            Member("reason", .text, optional: true, "why, for people"),
            Member("path", .text, optional: true, "the file of a call that was traced"),
            Member("error", .text, optional: true, "the name of the errno that the call got"),
            Member("count", .integer(least: 1), optional: true, "how often"),
        ])

    static let finished = MemberTable(
        SessionFinished.type, "A session has ended.",
        [
            session, attempt,
            Member("ending", .choice(JobTables.words(Ending.self)), "how"),
            Member("exitStatus", .integer(least: 0), optional: true, "of its main process"),
            Member("signal", .integer(least: 1), optional: true, "that ended it"),
            Member("branch", .text, optional: true, "its work"),
            Member("commit", .commit, optional: true, "the last one of the branch"),
            Member("committedForAgent", .flag, optional: true, "whether smelt had to commit"),
            Member("reason", .text, optional: true, "why it was skipped, cancelled or stopped"),
            Member("because", .text, optional: true, "the session it was skipped for"),
            Member("usage", .object("usage"), optional: true, "what it used"),
        ])

    static let task = MemberTable(
        TaskPhased.type, "An attempt of a supervised task is over.",
        [
            Member("session", .text, "the task's slot"),
            Member("attempt", .integer(least: 0), "the last one; 0 when none began"),
            Member("phase", .choice(JobTables.words(TaskPhase.self)), "where the task stands"),
            Member("delaySeconds", .number(least: 0), optional: true, "until the next attempt"),
            Member("reason", .text, optional: true, "why it was stopped"),
        ])

    static let allFinished = MemberTable(
        SessionsFinished.type, "Every session has ended.",
        [Member("endings", .map(.integer(least: 1)), "how many ended how")])

    static let usage = MemberTable(
        "usage", "What could not be measured is absent, never 0.",
        [
            Member("wallSeconds", .number(least: 0), optional: true, "from start to end"),
            Member("userSeconds", .number(least: 0), optional: true, "of processor time"),
            Member("systemSeconds", .number(least: 0), optional: true, "of processor time"),
            Member("peakMemoryBytes", .integer(least: 0), optional: true, "the most at once"),
            Member("peakSwapBytes", .integer(least: 0), optional: true, "the most at once"),
            Member("readBytes", .integer(least: 0), optional: true, "from disks"),
            Member("writtenBytes", .integer(least: 0), optional: true, "to disks"),
            Member("processes", .integer(least: 0), optional: true, "the most at once"),
            Member(
                "throttledSeconds", .number(least: 0), optional: true, "held back by limits.cpu"),
            Member("oomKills", .integer(least: 0), optional: true, "killed for want of memory"),
            Member("inputTokens", .integer(least: 0), optional: true, "as the agent reports"),
            Member("outputTokens", .integer(least: 0), optional: true, "as the agent reports"),
            Member("cost", .number(least: 0), optional: true, "US dollars, as the agent reports"),
        ])
}

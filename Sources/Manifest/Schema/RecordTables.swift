internal import Records

/// Every record type and its members, in the order in which a run writes them.
enum RecordTables {
    static let all =
        [planned, ready] + SessionTables.all + DeliveryTables.all + [released, failed, finished]

    /// Objects in records that are not the job's.
    static let parts = [SessionTables.usage, DeliveryTables.conflict, resumed, taken]

    static let planned = MemberTable(
        RunPlanned.type, "A run begins: the whole job.",
        [
            Member("job", .object("job"), "what is to be done"),
            Member("manifest", .object("source"), "where it was read"),
            Member("runsDirectory", .text, "absolute; <job>/<run>.jsonl in it is the log"),
            Member("smeltVersion", .text, "who planned it"),
            Member("resumes", .object("resumed"), optional: true, "the run that it goes on with"),
        ])

    static let resumed = MemberTable(
        "resumed", "A run whose sessions failed, and what of it is not done again.",
        [
            Member("run", .text, "that run"),
            Member(
                "earlier", .list(.text), optional: true,
                "those that it was to go on with, where it came to nothing"),
            Member("first", .text, "the first of several that went on with each other"),
            Member("baseCommit", .commit, "what its sessions started from"),
            Member("sessions", .list(.object("taken")), "those that ended well"),
        ])

    static let taken = MemberTable(
        "taken", "A session that another run has done.",
        [
            Member("session", .text, "its name"),
            Member("run", .text, "the run that did it"),
            Member("attempt", .integer(least: 1), "in that run"),
            Member("branch", .text, "its work"),
            Member("start", .commit, "what it started from"),
            Member("commit", .commit, "the last one of the branch"),
            Member("committedForAgent", .flag, optional: true, "whether smelt had to commit"),
            Member("gateSeconds", .number(least: 0), optional: true, "how long its gate took"),
        ])

    static let ready = MemberTable(
        EnvironmentReady.type, "A place for the sessions is prepared.",
        [
            Member("id", .text, "smelt-<run>"),
            Member("runtime", .choice(JobTables.words(JobEnvironment.Runtime.self)), "its kind"),
            Member("baseRef", .text, "as the manifest says"),
            Member("baseCommit", .commit, "what it is"),
            Member("directory", .text, "on this host"),
            Member("workspace", .text, "where a session finds its checkout inside"),
            Member("imageName", .text, optional: true, "of the image"),
            Member("imageDigest", .text, optional: true, "of the image that is used"),
            Member(
                "serviceDigests", .map(.text), optional: true,
                "of the images of services, by their names"),
            Member("hostUser", .integer(least: 0), optional: true, "whom the sessions run as"),
            Member("limits", .object("limits"), "as enforced"),
            Member("network", .object("network"), "as enforced"),
            Member(
                "diskGuard", .choice(JobTables.words(DiskGuard.self)), optional: true,
                "what holds a session to limits.diskBytes"),
            Member("notEnforced", .list(.text), optional: true, "asked for and not to be had"),
            Member("warnings", .list(.text), optional: true, "about the repository"),
        ])

    static let released = MemberTable(
        EnvironmentReleased.type, "The environment's end.",
        [
            Member("id", .text, "smelt-<run>"),
            Member("removed", .flag, "whether it is gone"),
            Member("rescued", .list(.text), "references that hold work no result names"),
        ])

    static let failed = MemberTable(
        Failed.type, "Something could not be done; without a session it ends the run.",
        [
            Member("stage", .text, "who says so"),
            Member("code", .text, "a stable word"),
            Member("status", .integer(least: 0), "an exit status of smelt(7)"),
            Member("message", .text, "one sentence"),
            Member("hint", .text, optional: true, "what to do about it"),
            Member("session", .text, optional: true, "the only one concerned"),
            Member("line", .integer(least: 1), optional: true, "of an input that cannot be read"),
            Member("sizeBytes", .integer(least: 0), optional: true, "of that line"),
            Member("base64", .base64, optional: true, "that line's first bytes"),
        ])

    static let finished = MemberTable(
        RunFinished.type, "The last record.",
        [
            Member("status", .integer(least: 0), "how the run ended, as in smelt(7)"),
            Member("seconds", .number(least: 0), "since run.planned"),
        ])
}

internal import Records

/// What is written from the result to its delivery.
enum DeliveryTables {
    static let all = [
        collected, requested, decided, branch,
        pullRequest(PullRequestOpened.type, "A pull request was opened."),
        pullRequest(PullRequestUpdated.type, "A pull request that was open has new commits."),
    ]

    static let collected = MemberTable(
        ResultCollected.type, "The sessions' work as one branch in smelt's own repository.",
        [
            Member("branch", .text, "the name it is to have"),
            Member("commit", .commit, "equal to base when nothing changed"),
            Member("base", .commit, "what the sessions started from"),
            Member("commits", .integer(least: 0), "how many"),
            Member("files", .integer(least: 0), "how many changed"),
            Member("insertions", .integer(least: 0), "lines"),
            Member("deletions", .integer(least: 0), "lines"),
            Member("sessions", .list(.text), "whose work is in it"),
            Member("draft", .flag, "whether a gate failed"),
            Member("filesPath", .text, optional: true, "JSON lines, one a changed file"),
            Member("filesSha256", .sha256, optional: true, "of that file"),
            Member("bundlePath", .text, optional: true, "the work as a bundle of git"),
            Member("bundleSha256", .sha256, optional: true, "of that file"),
            Member("conflicts", .list(.object("conflict")), optional: true, "what is left out"),
            Member("warnings", .list(.text), optional: true, "sentences for the reviewer"),
            Member("review", .choice(["none", "required"]), "whether a person must agree"),
            Member("reviewReasons", .list(.text), optional: true, "why"),
        ])

    static let conflict = MemberTable(
        "conflict", "A session whose work could not be merged.",
        [
            Member("session", .text, "its name"),
            Member("files", .list(.text), "what stood in the way"),
        ])

    static let requested = MemberTable(
        ReviewRequested.type, "Somebody is asked.",
        [
            Member("title", .text, "what about"),
            Member("summary", .text, "in short"),
            Member("expires", .time, "how long the question stands"),
            Member("commit", .commit, "what the answer is for"),
        ])

    static let decided = MemberTable(
        ReviewDecided.type, "The answer, which holds for one commit only.",
        [
            Member("decision", .choice(["approved", "denied", "expired"]), "the answer"),
            Member("commit", .commit, "what it is for"),
            Member("actor", .text, optional: true, "uid:N; absent when it expired"),
            Member("note", .text, optional: true, "what they said"),
        ])

    static let branch = MemberTable(
        BranchUpdated.type, "A reference of the user's was moved.",
        [
            Member("url", .text, "path or URL of the repository"),
            Member("ref", .text, "which"),
            Member("old", .commit, optional: true, "absent when it is new"),
            Member("new", .commit, "where it is now"),
        ])

    private static func pullRequest(_ type: String, _ meaning: String) -> MemberTable {
        MemberTable(
            type, meaning,
            [
                Member("forge", .text, "which"),
                Member("url", .text, "where it is read"),
                Member("number", .integer(least: 1), "its number"),
                Member("head", .text, "the branch with the work"),
                Member("base", .text, "the branch it is for"),
                Member("draft", .flag, "whether it is one"),
            ])
    }
}

internal import Policies
internal import Records
internal import Smelt
internal import Toml

extension JobKeys {
    static let review = Section(
        "review", "When a person must agree.",
        [
            Key("required", .flag, normally: "false", "ask for every result"),
            Key(
                "expires", .duration(SandboxKeys.durations), normally: "24h",
                "how long the question stands"),
            Key(
                "reviewers", .list(.text),
                "who may answer: login names or \"uid:1000\"; else whoever may write the state"),
            Key("count", .integer(1...100), normally: "1", "so many of them must agree"),
            Key("owner", .text, "may decide alone when nobody has for a while"),
            Key("owner_after", .duration(SandboxKeys.durations), "for how long nobody must have"),
            Key("auto_accept", .tables(acceptance), "results of which nobody need be asked"),
        ])

    static let acceptance = Section(
        "auto_accept", "Results of which nobody need be asked.",
        [
            Key("paths", .list(.text), required: true, "every path that changed matches one"),
            Key("max_files", .integer(0...1_000_000), "no more changed files"),
            Key("max_lines", .integer(0...1_000_000_000), "no more insertions and deletions"),
            Key("gates", .flag, normally: "true", "every session's gate passed"),
        ])
}

/// What `[review]` says, in a manifest and in the daemon's file.
struct ReviewReader {
    let findings: Findings

    func read(_ section: Table?) -> ReviewRules {
        var rules = ReviewRules()
        guard let section else { return rules }
        rules.required = section.flag("required")?.value ?? false
        rules.expiresSeconds = section.duration("expires")?.value ?? rules.expiresSeconds
        if section.has("reviewers") { rules.reviewers = readNames(section) }
        rules.count = readCount(section, of: rules.reviewers)
        rules.owner = section.text("owner")?.value
        rules.ownerAfterSeconds = section.duration("owner_after")?.value
        for (one, other) in [("owner", "owner_after"), ("owner_after", "owner")]
        where section.mentions(one) && !section.mentions(other) {
            findings.complain(
                section.place, "\(section.path).\(other) is missing: it goes with \(one)")
        }
        let accepted = section.tables("auto_accept", JobKeys.acceptance).map(readAcceptance)
        if !accepted.isEmpty { rules.autoAccept = accepted }
        return rules
    }

    private func readNames(_ section: Table) -> [String] {
        let names = section.texts("reviewers")
        if names.isEmpty {
            findings.complain(
                section.place,
                "\(section.path).reviewers has no name: name somebody, or leave it out")
        }
        for name in names where name.value.contains(where: { $0 == "\n" || $0 == ":" }) {
            guard name.value.hasPrefix("uid:"), UInt32(name.value.dropFirst(4)) != nil else {
                findings.complain(
                    name.place, "\(name.path) must be a login name or such as \"uid:1000\"")
                continue
            }
        }
        return names.map(\.value)
    }

    private func readCount(_ section: Table, of reviewers: [String]?) -> Int? {
        guard let count = section.integer("count") else { return nil }
        if let reviewers, count.value > Set(reviewers).count {
            findings.complain(
                count.place,
                "\(count.path) is \(count.value), of \(Set(reviewers).count) reviewers: name more")
        }
        return count.value
    }

    private func readAcceptance(_ table: Table) -> ReviewRules.AutoAccept {
        let paths = table.texts("paths")
        if paths.isEmpty, table.has("paths") {
            findings.complain(table.place, "\(table.path).paths has no pattern: name one")
        }
        for path in paths where path.value.hasPrefix("/") || Paths.climbs(path.value) {
            findings.complain(
                path.place, "\(path.path) is matched in the repository: no '/' first, no '..'")
        }
        return ReviewRules.AutoAccept(
            paths: paths.map(\.value), mostFiles: table.integer("max_files")?.value,
            mostLines: table.integer("max_lines")?.value, gates: table.flag("gates")?.value ?? true)
    }
}

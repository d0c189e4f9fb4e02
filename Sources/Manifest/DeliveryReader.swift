internal import Records
internal import Smelt
internal import Toml

/// What becomes of the sessions' work.
struct DeliveryReader {
    let table: Table
    let paths: Paths
    let findings: Findings

    /// Nil only when something was reported.
    func readMerge(sessions: [Session]) -> Merge? {
        guard let section = table.table("merge", JobKeys.merge) else { return nil }
        let known = Set(sessions.map(\.name))
        let order = section.texts("order")
        var seen: Set<String> = []
        for name in order {
            if !known.contains(name.value) {
                let near = Spelling.nearest(to: name.value, among: known.sorted())
                let remedy = near.map { "did you mean '\($0)'?" } ?? "name a session of this file"
                findings.complain(
                    name.place, "\(name.path): there is no session '\(name.value)'; \(remedy)")
            } else if !seen.insert(name.value).inserted {
                findings.complain(name.place, "\(name.path): '\(name.value)' is named twice")
            }
        }
        let ai = section.flag("ai_resolution")
        if let ai, ai.value {
            findings.warn(
                ai.place, "\(ai.path) has no effect: a conflict is reported, never guessed away")
        }
        guard let target = section.text("target") else { return nil }
        if let complaint = RefName.complaint(about: target.value) {
            findings.complain(target.place, "\(target.path) \(complaint)")
        }
        return Merge(
            strategy: section.choice("strategy", Merge.Strategy.self) ?? .sequential,
            order: order.map(\.value), target: target.value,
            includeFailed: section.flag("include_failed")?.value ?? true,
            aiResolution: ai?.value ?? false)
    }

    func readReview() -> ReviewRules {
        ReviewReader(findings: findings).read(table.table("review", JobKeys.review))
    }

    func readProtect() -> [String] {
        let patterns = table.table("protect", JobKeys.protect)?.texts("paths") ?? []
        for pattern in patterns where pattern.value.hasPrefix("/") || Paths.climbs(pattern.value) {
            findings.complain(
                pattern.place, "\(pattern.path) is matched in the repository: no '/' first, no '..'"
            )
        }
        return patterns.map(\.value)
    }

    func readCommit() -> CommitStyle {
        let usual = CommitStyle()
        guard let section = table.table("commit", JobKeys.commit) else { return usual }
        let (name, email) = (section.text("name"), section.text("email"))
        for text in [name, email].compactMap(\.self) where Self.isOdd(text.value) {
            findings.complain(
                text.place, "\(text.path) must hold no '<', '>', line end or control character")
        }
        let trailers = section.texts("trailers")
        for trailer in trailers where !Self.isTrailer(trailer.value) {
            findings.complain(
                trailer.place, "\(trailer.path) must be one line such as \"Ticket: 12\"")
        }
        return CommitStyle(
            name: name?.value ?? usual.name, email: email?.value ?? usual.email,
            signoff: section.flag("signoff")?.value ?? false, trailers: trailers.map(\.value))
    }

    private static func isOdd(_ text: String) -> Bool {
        text.unicodeScalars.contains {
            $0.value < 32 || $0.value == 127 || $0 == "<" || $0 == ">"
        }
    }

    private static func isTrailer(_ text: String) -> Bool {
        guard let colon = text.firstIndex(of: ":") else { return false }
        let key = text[..<colon]
        let isKey = key.utf8.allSatisfy {
            (48...57).contains($0) || (65...90).contains($0) || (97...122).contains($0) || $0 == 45
        }
        let value = text[text.index(after: colon)...]
        return !key.isEmpty && isKey && !value.allSatisfy(\.isWhitespace)
            && !text.unicodeScalars.contains { $0.value < 32 || $0.value == 127 }
    }
}

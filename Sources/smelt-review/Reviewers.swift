import Records
import Smelt
import Store

/// Who may answer, by the names that records have.
enum Reviewers {
    static func rules(_ rules: ReviewRules, asked: Timestamp) throws -> Review.Rules {
        var result = Review.Rules()
        result.reviewers = try (rules.reviewers ?? []).map(name)
        result.count = Int64(rules.count ?? 1)
        // One person may have two names.
        let people = Set(result.reviewers).count
        guard people == 0 || result.count <= people else {
            throw ReviewFault.tooFew(people, of: result.count)
        }
        if let owner = rules.owner {
            let wait = Int64(ReviewRules.bounded(rules.ownerAfterSeconds ?? 0) * 1000)
            result.owner = .init(try name(owner), from: asked.milliseconds + wait)
        }
        return result
    }

    /// `uid:N` of a login name.
    private static func name(_ word: String) throws -> String {
        if word.hasPrefix("uid:"), let uid = UInt32(word.dropFirst(4)) { return "uid:\(uid)" }
        let people = (try? Files.readText("/etc/passwd", upTo: 1 << 20)) ?? ""
        for line in people.split(separator: "\n") {
            let fields = line.split(separator: ":", omittingEmptySubsequences: false)
            if fields.count > 2, fields[0] == word, let uid = UInt32(fields[2]) {
                return "uid:\(uid)"
            }
        }
        throw ReviewFault.noUser(word)
    }
}

extension ReviewRules {
    /// Seconds of a plan that may be anybody's: none to a year.
    static func bounded(_ seconds: Double) -> Double { max(0, min(seconds, 31_536_000)) }

    /// More than whether and how long: only the queue keeps who answered what.
    var needsQueue: Bool { reviewers != nil || owner != nil || count ?? 1 > 1 }
}

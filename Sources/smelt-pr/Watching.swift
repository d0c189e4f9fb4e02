internal import Glibc
import Forges
import Records
import Smelt

/// `smelt-pr watch`: prints how a request stands each time that changes, until it is merged or closed.
enum Watching {
    /// What is watched, and the job's state file where it was named by the job.
    private struct Target {
        let forge: any Forge
        let number: Int
        var run = RunID.unknown
        var state: String?
    }

    static func run(_ words: Words) throws -> Exit {
        Interruption.install()
        let target = try target(words)
        let interval = words[SmeltPR.interval] ?? 30
        let writer = LineWriter(1)
        var last: PullRequestStatus?
        while true {
            let status = try target.forge.status(of: target.number)
            if status != last {
                if LocalVerbs.isForPeople(words) {
                    try put(sentence(status) + "\n")
                } else {
                    try writer.write(status, run: target.run)
                }
                if writer.isUnheard { return .unheard }
                target.state.map { remember(status, in: $0) }
                last = status
            }
            switch status.state {
            case .merged: return .done
            case .closed: return .no
            case .open: try Pause.wait(interval * Double.random(in: 0.9...1.1), output: 1)
            }
        }
    }

    private static func target(_ words: Words) throws -> Target {
        guard words.operands.count + (words[SmeltPR.job] == nil ? 0 : 1) == 1 else {
            throw Usage("name one run, one URL, or one job with --job")
        }
        // Longer than for a delivery: nobody stands behind us.
        let patience = words[SmeltPR.patience] ?? 3600
        if let job = words[SmeltPR.job] { return try named(job, words, patience) }
        let word = words.operands[0]
        if let run = RunID(word) {
            let found = try RunLog.request(of: run, in: try RunLog.places(words[SmeltPR.runs]))
            guard let forge = found.job.forge else {
                throw DeliverFault.noPullRequest("run '\(run)'")
            }
            return Target(
                forge: try forge.opened(patience: patience), number: found.number, run: run)
        }
        if let (forge, number) = LocalVerbs.local(word) {
            return Target(forge: forge, number: number)
        }
        guard
            let (target, number) = ForgeTarget.github(
                url: word, tokenEnv: words[SmeltPR.tokenEnv] ?? "GITHUB_TOKEN",
                api: words[SmeltPR.api])
        else { throw Usage("'\(Visible.line(word))' is neither a run nor the URL of a request") }
        return Target(forge: try target.opened(patience: patience), number: number)
    }

    private static func named(
        _ job: String, _ words: Words, _ patience: Double
    ) throws -> Target {
        let places = try RunLog.places(words[SmeltPR.runs])
        let paths = places.compactMap { RunState.path(of: job, in: $0) }
        guard let path = paths.first(where: Files.exists) else {
            throw DeliverFault.noJob(job, places)
        }
        let state = try RunState(try Files.readText(path), path: path)
        guard let number = state.pullRequestNumber, let repository = state.forgeRepository else {
            throw DeliverFault.noPullRequest("the latest run of job '\(job)'")
        }
        let target = ForgeTarget(
            provider: state.forgeProvider.flatMap(ForgeTarget.Provider.init(rawValue:)) ?? .github,
            repository: repository, tokenEnv: state.forgeTokenEnv, apiURL: state.forgeAPI)
        return Target(
            forge: try target.opened(patience: patience), number: number,
            run: state.run ?? .unknown, state: path)
    }

    /// Brings a finished job's state up to date, for `smelt status`.
    private static func remember(_ status: PullRequestStatus, in path: String) {
        guard let text = try? Files.readText(path), var state = try? RunState(text, path: path),
            state.phase.isFinal, state.pullRequestNumber == status.number
        else { return }
        state.pullRequestStatus = status.state.rawValue
        state.checks = status.checks?.rawValue ?? state.checks
        state.reviewCount = status.reviews ?? state.reviewCount
        try? Files.replace(path, with: Array(state.text.utf8))
    }

    private static func sentence(_ status: PullRequestStatus) -> String {
        var parts = ["\(status.draft ? "draft, " : "")\(status.state.rawValue)"]
        if let checks = status.checks { parts.append("checks \(checks.rawValue)") }
        if let failed = status.failedChecks {
            parts.append("failed: " + failed.map { Visible.line($0) }.joined(separator: ", "))
        }
        if let approvals = status.approvals { parts.append("\(approvals) approved") }
        if let no = status.changesRequested, no > 0 { parts.append("\(no) asked for changes") }
        let time = Timestamp.now.description.dropFirst(11).prefix(8)
        return "[\(time)] #\(status.number) \(parts.joined(separator: "; "))"
    }
}

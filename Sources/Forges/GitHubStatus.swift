package import Records

extension GitHub {
    package func status(of number: Int) throws -> PullRequestStatus {
        let what = "look at pull request \(number)"
        let place = api.url("/repos/\(repository)")
        let answer = try api.call("GET", "\(place)/pulls/\(number)", what: what)
        let pull = try api.read(GitHubModels.Pull.self, answer, what: what)
        var status = PullRequestStatus(
            forge: name, url: pull.url, number: pull.number,
            state: pull.merged == true ? .merged : pull.state == "open" ? .open : .closed,
            draft: pull.draft ?? false, commit: pull.head.sha)
        if let checks = try checks(of: pull.head.sha) {
            status.checks = checks.verdict
            status.failedChecks = checks.failed.isEmpty ? nil : checks.failed.sorted()
        }
        let reviews = try api.pages(
            [GitHubModels.Review].self, "\(place)/pulls/\(number)/reviews?per_page=100",
            what: "list the reviews of pull request \(number)"
        ) { $0 }
        var last: [String: String] = [:]
        // A comment takes nothing back; a dismissal does.
        for review in reviews where review.state != "COMMENTED" && review.state != "PENDING" {
            last[review.user?.login ?? ""] = review.state
        }
        status.reviews = reviews.count { $0.state != "PENDING" }
        status.approvals = last.values.count { $0 == "APPROVED" }
        status.changesRequested = last.values.count { $0 == "CHANGES_REQUESTED" }
        return status
    }

    private struct Checks {
        var failed: Set<String> = []
        var pending = 0
        var passed = 0

        var verdict: PullRequestStatus.Checks {
            if !failed.isEmpty { return .failing }
            if pending > 0 { return .pending }
            return passed > 0 ? .passing : .unknown
        }
    }

    /// Check runs and the older commit statuses together; nil when the token may see neither.
    private func checks(of commit: String) throws -> Checks? {
        let place = api.url("/repos/\(repository)/commits/\(commit)")
        var checks = Checks()
        var isSeen = false
        do {
            let runs = try api.pages(
                GitHubModels.CheckRuns.self, "\(place)/check-runs?per_page=100",
                what: "list the checks of \(commit)"
            ) { $0.runs }
            isSeen = true
            for run in runs {
                switch (run.status, run.conclusion) {
                case ("completed", "success"), ("completed", "neutral"), ("completed", "skipped"):
                    checks.passed += 1
                case ("completed", "stale"): checks.pending += 1
                case ("completed", _): checks.failed.insert(run.name)
                default: checks.pending += 1
                }
            }
        } catch ForgeFault.forbidden {}  // Fine-grained tokens may not see check runs.
        do {
            let statuses = try api.pages(
                GitHubModels.Statuses.self, "\(place)/status?per_page=100",
                what: "list the statuses of \(commit)"
            ) { $0.statuses }
            isSeen = true
            for status in statuses {
                switch status.state {
                case "success": checks.passed += 1
                case "pending": checks.pending += 1
                default: checks.failed.insert(status.context)
                }
            }
        } catch ForgeFault.forbidden {}
        return isSeen ? checks : nil
    }
}

internal import Policies
internal import Records
internal import Toml

/// Where the pull request goes.
extension DeliveryReader {
    func readForge() -> ForgeTarget? {
        guard let section = table.table("forge", JobKeys.forge) else { return nil }
        let provider = section.choice("provider", ForgeTarget.Provider.self)
        let repo = section.text("repo")
        let token = section.text("token_env")
        let (api, push) = (section.text("api_url"), section.text("push_url"))
        if provider == .github { checkGitHub(section, repo) }
        if let token { SecretCheck(findings: findings).check(token) }
        if let api { checkURL(api) }
        if let push { checkPush(push) }
        guard let provider, let repo else { return nil }
        var target = ForgeTarget(
            provider: provider,
            repository: provider == .local ? paths.absolute(repo.value) : repo.value)
        target.tokenEnv = token?.value
        target.apiURL = api?.value
        target.pushURL = push.map {
            Paths.isAddress($0.value) ? $0.value : paths.absolute($0.value)
        }
        target.labels = section.texts("labels").map(\.value)
        target.reviewers = section.texts("reviewers").map(\.value)
        target.title = section.text("title")?.value
        target.body = section.text("body")?.value
        return target
    }

    private func checkGitHub(_ section: Table, _ repo: Found<String>?) {
        if let repo { checkName(repo) }
        if !section.mentions("token_env") {
            findings.complain(
                section.place,
                "forge.token_env is missing: name the variable that holds the token")
        }
    }

    private func checkName(_ repo: Found<String>) {
        let parts = repo.value.split(separator: "/", omittingEmptySubsequences: false)
        let isGood =
            parts.count == 2
            && parts.allSatisfy { part in
                !part.isEmpty && part != "." && part != ".."
                    && part.utf8.allSatisfy {
                        (48...57).contains($0) || (65...90).contains($0)
                            || (97...122).contains($0) || [45, 46, 95].contains($0)
                    }
            }
        if !isGood {
            findings.complain(repo.place, "\(repo.path) must be owner/repo, not '\(repo.value)'")
        }
    }

    private func checkPush(_ url: Found<String>) {
        if url.value.hasPrefix("-") {
            findings.complain(url.place, "\(url.path) must not begin with '-'")
        } else if Paths.holdsPassword(url.value) {
            findings.complain(
                url.place, "\(url.path) holds a user or password, which would be recorded")
        }
    }

    /// The token travels to it, so it must be encrypted unless it never leaves this machine.
    private func checkURL(_ url: Found<String>) {
        let isLocal = ["http://127.0.0.1", "http://localhost", "http://[::1]"].contains { start in
            guard url.value.hasPrefix(start) else { return false }
            let next = url.value.dropFirst(start.count).first
            return next == nil || next == ":" || next == "/"
        }
        if !isLocal, !url.value.hasPrefix("https://") {
            findings.complain(url.place, "\(url.path) must begin with https://")
        } else if Paths.holdsPassword(url.value) {
            findings.complain(
                url.place, "\(url.path) holds a user or password, which would be recorded")
        }
    }
}

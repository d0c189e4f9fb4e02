/// How the sessions' branches become one.
package struct Merge: Codable, Equatable, Sendable {
    package enum Strategy: String, Codable, Sendable, CaseIterable {
        case sequential, overlap, octopus
    }

    package var strategy: Strategy
    package var order: [String]
    /// The branch that the result is for.
    package var target: String
    /// Whether sessions whose gate failed are part of the result.
    package var includeFailed: Bool
    /// Read and kept for manifests that carry it; smelt itself asks no model.
    package var aiResolution: Bool

    package init(
        strategy: Strategy = .sequential, order: [String] = [], target: String,
        includeFailed: Bool = true, aiResolution: Bool = false
    ) {
        self.strategy = strategy
        self.order = order
        self.target = target
        self.includeFailed = includeFailed
        self.aiResolution = aiResolution
    }
}

/// Where the pull request goes.
package struct ForgeTarget: Codable, Equatable, Sendable {
    package enum Provider: String, Codable, Sendable, CaseIterable { case github, local }

    package var provider: Provider
    /// `owner/repo`, or for `local` the absolute path of a bare repository.
    package var repository: String
    /// The host variable that holds the token.
    package var tokenEnv: String?
    /// `https://api.github.com` when nil; an Enterprise server's is `https://HOST/api/v3`.
    package var apiURL: String?
    /// Where the branch is pushed; derived from `repository` when nil.
    package var pushURL: String?
    package var labels: [String]
    package var reviewers: [String]
    /// Templates; `{job}`, `{run}`, `{head}`, `{base}`, `{sessions}` are filled in.
    package var title: String?
    package var body: String?

    package init(
        provider: Provider, repository: String, tokenEnv: String? = nil, apiURL: String? = nil,
        pushURL: String? = nil, labels: [String] = [], reviewers: [String] = [],
        title: String? = nil, body: String? = nil
    ) {
        self.provider = provider
        self.repository = repository
        self.tokenEnv = tokenEnv
        self.apiURL = apiURL
        self.pushURL = pushURL
        self.labels = labels
        self.reviewers = reviewers
        self.title = title
        self.body = body
    }
}

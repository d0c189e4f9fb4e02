package import Records
internal import Smelt

/// GitHub, in the cloud or one's own (`api_url`).
package struct GitHub: Forge {
    package var name: String { "github" }
    package let remote: Remote
    let repository: String
    let api: GitHubAPI

    /// Reads the token, so it must be set.
    package init(
        _ target: ForgeTarget, patience: Double, fence: @escaping Fence = {}
    ) throws(ForgeFault) {
        let root = target.apiURL ?? "https://api.github.com"
        guard let address = Address(root) else {
            throw .badAddress(Visible.line(root), reason: "forge.api_url must be a URL")
        }
        guard address.isSafe else {
            throw .badAddress(Visible.line(root), reason: "the token is sent by https only")
        }
        guard let variable = target.tokenEnv else {
            throw .noTokenVariable(repository: Visible.line(target.repository))
        }
        let token = try Token(variable: variable)
        repository = target.repository
        api = GitHubAPI(root: address, token: token, patience: patience, fence: fence)
        let web = Self.web(address)
        let push = target.pushURL ?? "\(web)/\(target.repository).git"
        // The token is for this forge; elsewhere the user's own git configuration applies.
        let isForge = Address(push).map { $0.origin == web && $0.isSafe } ?? false
        remote = isForge ? Remote(push, token: token) : Remote(push, hiding: variable)
    }

    /// Where people and git go, for the place of the API.
    static func web(_ api: Address) -> String {
        // api.github.com, and api.NAME.ghe.com for enterprises in the cloud.
        if api.host == "api.github.com"
            || api.host.hasPrefix("api.") && api.host.hasSuffix(".ghe.com")
        {
            return "\(api.scheme)://\(api.host.dropFirst(4))"
        }
        return api.origin
    }

    private var pulls: String { api.url("/repos/\(repository)/pulls") }

    package func check() throws {}

    package func deliver(_ change: Change, opened: (Opened) throws -> Void) throws -> [String] {
        let head = change.result.branch
        let base = try change.base ?? defaultBranch()
        let text = PullRequestText(change, base: base)
        var warnings: [String] = []
        var isNew = false
        let pull: GitHubModels.Pull
        if let earlier = try find(head: head, base: base) {
            pull = try update(earlier, text, change, &warnings)
        } else if let made = try create(text, head: head, change, &warnings) {
            pull = made
            isNew = true
        } else if let earlier = try find(head: head, base: base) {
            // Somebody opened it between our two questions.
            pull = try update(earlier, text, change, &warnings)
        } else {
            throw ForgeFault.badAnswer(
                what: "open a pull request", reason: "it exists, but is in no list")
        }
        try opened(
            Opened(
                number: pull.number, url: pull.url, base: pull.base.ref,
                draft: pull.draft ?? false, isNew: isNew))
        try decorate(pull.number, change.job.forge, &warnings)
        return warnings
    }

    private func defaultBranch() throws -> String {
        let what = "look at repository '\(repository)'"
        let answer = try api.call("GET", api.url("/repos/\(repository)"), what: what)
        return try api.read(GitHubModels.Repository.self, answer, what: what).defaultBranch
    }

    private func find(head: String, base: String) throws -> GitHubModels.Pull? {
        let owner = repository.prefix { $0 != "/" }
        let query = "?state=open&head=\(Self.escaped("\(owner):\(head)"))&per_page=100"
        let found = try api.pages(
            [GitHubModels.Pull].self, pulls + query, what: "list the pull requests"
        ) { $0 }
        // GitHub lists everything when it does not understand the filter.
        return found.first {
            $0.head.ref == head && $0.base.ref == base
                && ($0.head.repo?.fullName.lowercased() ?? "") == repository.lowercased()
        }
    }

    /// Nil when there is one already.
    private func create(
        _ text: PullRequestText, head: String, _ change: Change, _ warnings: inout [String]
    ) throws -> GitHubModels.Pull? {
        let what = "open a pull request"
        var draft = change.result.draft
        while true {
            let answer = try api.call(
                "POST", pulls,
                body: GitHubModels.NewPull(
                    title: text.title, head: head, base: text.base, body: text.body, draft: draft),
                accepting: [422], what: what)
            if answer.status == 201 {
                return try api.read(GitHubModels.Pull.self, answer, what: what)
            }
            let message = api.message(of: answer)
            if message.lowercased().contains("already exists") { return nil }
            guard draft, message.lowercased().contains("draft") else {
                throw ForgeFault.notAccepted(what: what, message: message)
            }
            // Not every plan has drafts; a request that says so is better than none.
            draft = false
            warnings.append("the pull request could not be made a draft: \(message)")
        }
    }

    private func update(
        _ pull: GitHubModels.Pull, _ text: PullRequestText, _ change: Change,
        _ warnings: inout [String]
    ) throws -> GitHubModels.Pull {
        let what = "update pull request \(pull.number)"
        let body = text.renewed(pull.body ?? "")
        var pull = pull
        if body != pull.body {
            let answer = try api.call(
                "PATCH", "\(pulls)/\(pull.number)", body: GitHubModels.PullChange(body: body),
                what: what)
            pull = try api.read(GitHubModels.Pull.self, answer, what: what)
        }
        guard change.result.draft, pull.draft == false else { return pull }
        // Only the other interface can make a draft of a request. Back to ready is a person's word.
        if let problem = try makeDraft(pull) {
            warnings.append("pull request \(pull.number) could not be made a draft: \(problem)")
            return pull
        }
        let answer = try api.call("GET", "\(pulls)/\(pull.number)", what: what)
        return try api.read(GitHubModels.Pull.self, answer, what: what)
    }

    private func makeDraft(_ pull: GitHubModels.Pull) throws -> String? {
        var place = api.root.path
        // https://HOST/api/v3 has it at https://HOST/api/graphql.
        if place.hasSuffix("/v3") { place.removeLast(3) }
        let what = "make a draft of pull request \(pull.number)"
        let answer = try api.call(
            "POST", "\(api.root.origin)\(place)/graphql",
            body: GitHubModels.Query(
                query: "mutation($id: ID!) { convertPullRequestToDraft(input: {pullRequestId: $id})"
                    + " { pullRequest { isDraft } } }",
                variables: ["id": pull.node]), what: what)
        let read = try api.read(GitHubModels.QueryAnswer.self, answer, what: what)
        return read.errors?.first.map { Visible.line(api.token.masked($0.message)) }
    }

    /// Labels and reviewers. A name that GitHub does not take is no reason to fail what was
    /// delivered already.
    private func decorate(
        _ number: Int, _ target: ForgeTarget?, _ warnings: inout [String]
    ) throws {
        func attempt(_ work: () throws -> Void) throws {
            do { try work() } catch let fault as ForgeFault {
                switch fault {
                case .forbidden, .notFound, .notAccepted: warnings.append("\(fault)")
                default: throw fault
                }
            }
        }
        if let labels = target?.labels, !labels.isEmpty {
            try attempt {
                _ = try api.call(
                    "POST", api.url("/repos/\(repository)/issues/\(number)/labels"),
                    body: GitHubModels.Labels(labels: labels), what: "label pull request \(number)")
            }
        }
        if let names = target?.reviewers, !names.isEmpty {
            // `org/team` names a team of the owner.
            let teams = names.compactMap { name in
                name.firstIndex(of: "/").map { String(name[name.index(after: $0)...]) }
            }
            try attempt {
                _ = try api.call(
                    "POST", "\(pulls)/\(number)/requested_reviewers",
                    body: GitHubModels.Reviewers(
                        reviewers: names.filter { !$0.contains("/") }, teams: teams),
                    what: "ask for reviews of pull request \(number)")
            }
        }
    }

    /// For a query: everything but what RFC 3986 calls unreserved.
    static func escaped(_ text: String) -> String {
        let digits = Array("0123456789ABCDEF")
        return text.utf8.map { byte in
            let scalar = Unicode.Scalar(byte)
            let isPlain =
                scalar.isASCII
                && (scalar.properties.isAlphabetic
                    || "-._~0123456789".unicodeScalars.contains(scalar))
            return isPlain ? String(scalar) : "%\(digits[Int(byte >> 4)])\(digits[Int(byte & 15)])"
        }.joined()
    }
}

package import Records
internal import Smelt

/// A bare repository as a forge: the branch is pushed there, and each request is a reference
/// `refs/smelt/requests/<number>` to a commit whose tree holds `request.json`; the commit's parent
/// is the request as it was before.
package struct LocalForge: Forge {
    package let path: String
    package var name: String { "local" }
    package var remote: Remote { Remote(path) }

    private let fence: Fence

    package init(_ path: String, fence: @escaping Fence = {}) {
        self.path = path
        self.fence = fence
    }

    package func check() throws {
        guard Files.exists("\(path)/HEAD"), Files.exists("\(path)/objects"),
            try git(["rev-parse", "--is-bare-repository"]) == ["true"]
        else { throw ForgeFault.noRepository(Visible.line(path)) }
    }

    package func url(of number: Int) -> String { "file://\(path)#\(number)" }

    package func deliver(_ change: Change, opened: (Opened) throws -> Void) throws -> [String] {
        // Two runs at the same time make two numbers, or one request and its update.
        let lock = try Lock("\(path)/smelt.lock", .exclusive, creating: true)
        defer { withExtendedLifetime(lock.number) {} }
        let result = change.result
        let base = try change.base ?? defaultBranch()
        let text = PullRequestText(change, base: base)
        let all = try requests()
        let earlier = all.first { $0.state == .open && $0.head == result.branch && $0.base == base }
        var request =
            earlier
            ?? LocalRequest(
                number: (all.map(\.number).max() ?? 0) + 1, title: text.title, body: text.body,
                head: result.branch, base: base, draft: result.draft, labels: [], reviewers: [],
                run: "", commit: "", updated: .now)
        if earlier != nil { request.body = text.renewed(request.body) }
        request.draft = result.draft
        request.commit = result.commit
        request.run = change.run.description
        request.updated = .now
        for label in change.job.forge?.labels ?? [] where !request.labels.contains(label) {
            request.labels.append(label)
        }
        for person in change.job.forge?.reviewers ?? [] where !request.reviewers.contains(person) {
            request.reviewers.append(person)
        }
        try fence()
        try write(request)
        try opened(
            Opened(
                number: request.number, url: url(of: request.number), base: base,
                draft: request.draft, isNew: earlier == nil))
        return []
    }

    /// All requests by number; one whose head has become part of its base is merged, whoever did it.
    package func requests() throws -> [LocalRequest] {
        try git(["for-each-ref", "--format=%(refname:lstrip=3)", "refs/smelt/requests"])
            .compactMap { Int($0) }.sorted().compactMap { try request($0) }
    }

    package func request(_ number: Int) throws -> LocalRequest? {
        let finished = try run(["cat-file", "blob", "refs/smelt/requests/\(number):request.json"])
        guard finished.succeeded, var request = LocalRequest(finished.output) else { return nil }
        if request.state == .open, try isMerged(request) { request.state = .merged }
        return request
    }

    package func status(of number: Int) throws -> PullRequestStatus {
        let request = try existing(number)
        return PullRequestStatus(
            forge: name, url: url(of: number), number: number,
            state: PullRequestStatus.State(rawValue: request.state.rawValue) ?? .open,
            draft: request.draft, commit: request.commit)
    }

    package func close(_ number: Int) throws {
        let lock = try Lock("\(path)/smelt.lock", .exclusive, creating: true)
        defer { withExtendedLifetime(lock.number) {} }
        try end(try existing(number), as: .closed)
    }

    /// Puts the head into the base: forward where that is enough, else by a merge commit.
    package func merge(_ number: Int) throws {
        let lock = try Lock("\(path)/smelt.lock", .exclusive, creating: true)
        defer { withExtendedLifetime(lock.number) {} }
        let request = try existing(number)
        guard request.state == .open else {
            throw ForgeFault.requestClosed(number, state: request.state.rawValue)
        }
        let base = "refs/heads/\(request.base)"
        guard let new = try tip(of: request.head) ?? tip(commit: request.commit) else {
            throw ForgeFault.noRequest(Visible.line(request.head), in: path)
        }
        let old = try line(["rev-parse", "--verify", "--quiet", base])
        var target = new
        if let old, try !run(["merge-base", "--is-ancestor", old, new]).succeeded {
            let merged = try run(["merge-tree", "--write-tree", "--no-messages", old, new])
            guard merged.succeeded, let tree = merged.text.split(separator: "\n").first else {
                throw ForgeFault.conflict(
                    head: Visible.line(request.head), base: Visible.line(request.base))
            }
            target = try commit(
                tree: String(tree), parents: [old, new],
                message: "Merge '\(request.head)' (request \(number))")
        }
        try git(["update-ref", "-m", "smelt: request \(number)", base, target, old ?? zero])
        try end(request, as: .merged)
    }

    private let zero = String(repeating: "0", count: 40)

    private func end(_ request: LocalRequest, as state: LocalRequest.State) throws {
        guard request.state == .open else {
            throw ForgeFault.requestClosed(request.number, state: request.state.rawValue)
        }
        var request = request
        request.state = state
        request.updated = .now
        try write(request)
    }

    private func existing(_ number: Int) throws -> LocalRequest {
        try check()
        guard let request = try request(number) else {
            throw ForgeFault.noRequest("\(number)", in: Visible.line(path))
        }
        return request
    }

    private func isMerged(_ request: LocalRequest) throws -> Bool {
        guard let tip = try tip(of: request.head) ?? tip(commit: request.commit) else {
            return false
        }
        return try run(["merge-base", "--is-ancestor", tip, "refs/heads/\(request.base)"]).succeeded
    }

    private func tip(of branch: String) throws -> String? {
        try line(["rev-parse", "--verify", "--quiet", "refs/heads/\(branch)"])
    }

    private func tip(commit: String) throws -> String? {
        try line(["rev-parse", "--verify", "--quiet", "\(commit)^{commit}"])
    }

    private func defaultBranch() throws -> String {
        try line(["symbolic-ref", "--short", "HEAD"]) ?? "main"
    }

    private func write(_ request: LocalRequest) throws {
        let name = "refs/smelt/requests/\(request.number)"
        let old = try line(["rev-parse", "--verify", "--quiet", name])
        let blob = try git(["hash-object", "-w", "--stdin"], input: request.json).first ?? ""
        let tree =
            try git(["mktree"], input: Array("100644 blob \(blob)\trequest.json\n".utf8)).first
            ?? ""
        let commit = try commit(
            tree: tree, parents: old.map { [$0] } ?? [],
            message: "request \(request.number): \(request.state.rawValue)")
        try git(["update-ref", name, commit, old ?? zero])
    }

    private func commit(tree: String, parents: [String], message: String) throws -> String {
        try git(["commit-tree", tree] + parents.flatMap { ["-p", $0] } + ["-m", message]).first
            ?? ""
    }

    private func line(_ arguments: [String]) throws -> String? {
        let finished = try run(arguments)
        return finished.succeeded
            ? finished.text.split(separator: "\n").first.map(String.init) : nil
    }

    @discardableResult
    private func git(_ arguments: [String], input: [UInt8]? = nil) throws -> [String] {
        let finished = try run(arguments, input: input)
        guard finished.succeeded else {
            let reason =
                finished.errors.split(separator: "\n").last.map(String.init) ?? "\(finished.ending)"
            throw ForgeFault.unreachable(
                repository: Visible.line(path), reason: Visible.line(reason))
        }
        return finished.text.split(separator: "\n").map(String.init)
    }

    private func run(_ arguments: [String], input: [UInt8]? = nil) throws -> Command.Finished {
        var command = Command(["git", "--git-dir", path] + arguments)
        command.environment =
            remote.environment + [
                "GIT_AUTHOR_NAME=smelt", "GIT_AUTHOR_EMAIL=smelt@localhost",
                "GIT_COMMITTER_NAME=smelt", "GIT_COMMITTER_EMAIL=smelt@localhost",
            ]
        if let input { command.input = .bytes(input) }
        return try command.run()
    }
}

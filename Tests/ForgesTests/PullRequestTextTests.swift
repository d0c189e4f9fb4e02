import Records
import Smelt
import Testing

@testable import Forges

struct PullRequestTextTests {
    static func change(
        base: String = "main", target: String = "feature", branch: String = "feature",
        title: String? = nil, body: String? = nil, sessions: [String] = []
    ) -> Change {
        let job = Job(
            name: "a@b {run}", repository: "/r", baseRef: base,
            environment: JobEnvironment(runtime: .sandbox),
            sessions: sessions.map {
                Session(name: $0, spec: "", harness: "true", timeoutSeconds: 1)
            },
            merge: Merge(target: target),
            forge: ForgeTarget(provider: .local, repository: "/f", title: title, body: body))
        let result = ResultCollected(
            branch: branch, commit: String(repeating: "a", count: 40),
            base: String(repeating: "b", count: 40), commits: 1, files: 1, insertions: 1,
            deletions: 0, sessions: ["one", "two"], draft: false, review: .none)
        return Change(run: .unknown, job: job, result: result)
    }

    @Test(arguments: [
        ("main", "feature", "feature", "main"), ("refs/heads/x/y", "f", "f", "x/y"),
        ("main", "main", "smelt/job", "main"), ("develop", "main", "smelt/job", "main"),
        ("HEAD", "f", "f", nil), ("refs/tags/v1", "f", "f", nil),
        ("0123456789012345678901234567890123456789", "f", "f", nil),
    ])
    func `a request is against the branch that was meant`(
        base: String, target: String, branch: String, wanted: String?
    ) {
        #expect(Self.change(base: base, target: target, branch: branch).base == wanted)
    }

    @Test func `templates are filled once`() {
        let change = Self.change(title: "{job}: {head} {unknown} {", body: "{sessions} {base}")
        let text = PullRequestText(change, base: "main")
        #expect(text.title == "a@\u{200B}b {run}: feature {unknown} {")
        #expect(text.body.hasPrefix("one, two main\n\n<!-- smelt:begin -->\n"))
    }

    @Test func `sessions stand in the order of the manifest, whichever ended first`() throws {
        var change = Self.change(sessions: ["one", "two", "three"])
        change.sessions = ["three", "one", "two"].map {
            SessionFinished(session: $0, attempt: 1, ending: .succeeded)
        }
        let body = PullRequestText(change, base: "main").body
        let places = try ["one", "two", "three"].map {
            try #require(body.firstRange(of: "| `\($0)` |")).lowerBound
        }
        #expect(places == places.sorted())
    }

    @Test func `a body of thousands of hostile files stays within the bounds`() {
        var change = Self.change()
        change.files = (0..<5000).map {
            .init(
                path: "\($0)" + String(repeating: "`|", count: 400), insertions: 1, deletions: nil)
        }
        for index in 0..<500 { change.deniedHosts["h\(index):1"] = index }
        let body = PullRequestText(change, base: "main").body
        #expect(body.utf16.count < 65_536)
        #expect(body.contains("… and 400 more"))
        #expect(body.hasSuffix("<!-- smelt:end -->"))
    }

    @Test func `a mark in foreign text does not end our part`() {
        var change = Self.change()
        change.result.warnings = ["x <!-- smelt:end --> y"]
        let text = PullRequestText(change, base: "main")
        let renewed = text.renewed(text.body + "\nmine")
        #expect(text.renewed(renewed) == renewed)
        #expect(renewed == text.body + "\nmine")
    }

    @Test func `what people wrote stays`() {
        let text = PullRequestText(Self.change(), base: "main")
        let renewed = text.renewed("before <!-- smelt:begin -->old<!-- smelt:end --> behind")
        #expect(renewed.hasPrefix("before <!-- smelt:begin -->\n"))
        #expect(renewed.hasSuffix("<!-- smelt:end --> behind"))
        #expect(!renewed.contains("old"))
        #expect(text.renewed("all mine").hasPrefix("all mine\n\n<!-- smelt:begin -->"))
    }
}

struct GitHubAPITests {
    @Test(arguments: [
        (
            #"<https://a/x?page=2>; rel="next", <https://a/x?page=9>; rel="last""#,
            "https://a/x?page=2"
        ),
        (
            #"<https://a/x?page=1>; rel="prev", <https://a/x?page=3>; rel="next""#,
            "https://a/x?page=3"
        ),
        (#"<https://a/x?page=1>; rel="prev""#, nil), ("nonsense", nil),
    ])
    func `the next page is found`(links: String, next: String?) {
        #expect(GitHubAPI.nextPage(links) == next)
    }

    @Test func `waiting grows, with chance, up to a minute`() {
        for attempt in 1...20 {
            let wait = Pause.backOff(attempt)
            let full = min(60, 0.5 * Double(1 << min(attempt - 1, 10)))
            #expect(wait >= full / 2 && wait <= full)
        }
    }

    @Test(arguments: [
        ("https://github.com/o/r/pull/5", nil, "https://api.github.com"),
        ("https://git.example.org/o/r/pull/5/", nil, "https://git.example.org/api/v3"),
        ("https://x/o/r/pull/5", "https://y", "https://y"),
    ])
    func `a URL names repository, number and API`(
        url: String, api: String?, wanted: String
    ) throws {
        let (target, number) = try #require(ForgeTarget.github(url: url, tokenEnv: "T", api: api))
        #expect(target.repository == "o/r")
        #expect(number == 5)
        #expect(target.apiURL == wanted)
    }
}

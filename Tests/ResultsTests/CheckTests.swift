import Glibc
import Results
import Smelt
import Testing

struct CheckTests {
    private func change(_ path: String, mode: Int = 0o100644) -> FileChange {
        FileChange(path: Array(path.utf8), status: .added, oldMode: 0, newMode: mode)
    }

    @Test(arguments: [
        ".github/workflows/ci.yml", "sub/dir/.github/workflows/a/b.yml", ".GitHub/WorkFlows/ci.yml",
        ".github/workflows", ".github./workflows /x", ".g\u{200d}ithub/workflows/x",
        ".github::$INDEX_ALLOCATION/workflows/x", "GITHUB~1/workflows/x", ".github/WORKFL~1/x",
        ".github\\workflows\\x", ".github/actions/x/action.yml", ".gitlab-ci.yml", "GITLAB~1.YML",
        "a/.forgejo/x", ".gitea/x", ".circleci/config.yml", "Jenkinsfile", "jenkin\u{17f}file",
        "docs/CODEOWNERS", ".github/CODEOWNERS", ".gitmodules", "a/.gitattributes", ".envrc",
        ".vscode/tasks.json", ".mcp.json", ".claude/settings.json", ".claude",
    ])
    func `a protected path is known in every spelling`(path: String) {
        #expect(Protected().pattern(for: change(path)) != nil)
    }

    @Test(arguments: [
        "github/workflows/ci.yml", ".github/workflow/ci.yml", ".github/ISSUE_TEMPLATE/x.md",
        "Jenkinsfile.md", "src/CODEOWNERS.txt", ".envrc.example", "vscode/x", "README",
        ".gitignore", "a.gitmodules",
    ])
    func `other paths are not`(path: String) {
        #expect(Protected().pattern(for: change(path)) == nil)
    }

    @Test func `a link on the way to a protected path is one`() {
        #expect(Protected().pattern(for: change(".github")) == nil)
        #expect(Protected().pattern(for: change(".github", mode: FileChange.Mode.link)) != nil)
        #expect(Protected().pattern(for: change("x/.github", mode: FileChange.Mode.link)) != nil)
    }

    @Test(arguments: [
        ("infra", "infra/a/b", true), ("infra", "x/infra/a", true), ("/infra", "x/infra/a", false),
        ("/infra", "infra/a", true), ("*.tf", "a/b.tf", true), ("*.tf", "a/b.tfx", false),
        ("a/*/c", "a/b/c", true), ("a/*/c", "a/b/b/c", false), ("a/**/c", "a/b/b/c", true),
        ("a/**/c", "a/c", true), ("se?ret", "SECRET", true), ("infra/", "infra/x", true),
        ("a*b*c", "axxbyybzzc", true), ("/a/b", "a", false), ("É", "e\u{301}", true),
    ])
    func `the manifest's patterns`(pattern: String, path: String, expected: Bool) {
        let protected = Protected([pattern])
        #expect((protected.pattern(for: change(path)) != nil) == expected)
    }

    @Test(arguments: [
        ("docs/**", "docs/a/b", true), ("docs/**", "src/docs/a", false),
        ("docs/**", "Docs/a", false),
        ("documents/**", "docume~1/a", false), ("docs/**", "docs:x/a", false),
        ("*.md", "a.md", true), ("*.md", "a/b.md", false), ("**/*.md", "a/b.md", true),
        ("**", "a/b", true), ("docs/**", "docs\\a", false),
        // Whoever makes the change chooses its names.
        ("*.md", "a.md/b", false), ("docs/**/*.md", "docs/x.md/Makefile", false),
        ("*", "a/b", false),
        ("docs", "docs/a", false), ("docs/", "docs/a/b", true), ("docs", "docs", true),
        ("", "a", false),
        ("É", "É", true), ("É", "E\u{301}", false), ("\u{212B}", "\u{C5}", false),
    ])
    func `what nobody need look at is spelled as the rule has it`(
        pattern: String, path: String, expected: Bool
    ) {
        #expect(Covered([pattern]).covers(change(path)) == expected)
        #expect(!Covered([pattern]).covers(change(path, mode: FileChange.Mode.link)))
    }

    @Test(arguments: [
        ("/etc/passwd", "link", "is absolute"), ("../x", "link", "leaves the repository"),
        ("../../x", "dir/link", "leaves the repository"), ("a/../../x", "link", "goes up again"),
        ("a/../b", "link", "goes up again"), (".git/hooks/x", "link", "leads into '.git'"),
        ("../.GIT/config", "dir/link", "leads into '.git'"),
        ("git~1/config", "link", "leads into '.git'"),
        ("..\\..\\x", "dir/link", "leaves the repository"), ("C:x", "link", "is absolute"),
        ("..", "link", "leaves the repository"),
    ])
    func `a link that leads out is refused`(target: String, path: String, reason: String) throws {
        let scene = try Scene()
        let part = try scene.part(
            "work", "mkdir -p dir; printf '%s' '\(target)' >../t; ln -s \"$(cat ../t)\" \(path)")
        let changes = try FileChanges(from: scene.base, to: part.commit, in: scene.results)
        let fault = #expect(throws: ResultFault.self) {
            try Links.check(changes, in: scene.results)
        }
        #expect(fault?.exit == .refused)
        #expect("\(fault, default: "")".contains(reason))
    }

    @Test func `links that stay inside are fine, and so are the user's own`() throws {
        let scene = try Scene { try $0.shell("ln -s /etc/passwd mine", in: "agent") }
        let part = try scene.part(
            "work", "ln -s src/main.c a; mkdir -p d/e; ln -s ../../README d/e/b; ln -s ./.. d/e/up")
        let changes = try FileChanges(from: scene.base, to: part.commit, in: scene.results)
        #expect(changes.all.count == 3)
        try Links.check(changes, in: scene.results)
    }

    @Test func `submodules that come, go or move are refused`() throws {
        let scene = try Scene()
        let part = try scene.part(
            "work",
            "git update-index --add --cacheinfo 160000,$BASE,sub && git commit -qm sub && mkdir sub"
        )
        let changes = try FileChanges(from: scene.base, to: part.commit, in: scene.results)
        let fault = #expect(throws: ResultFault.self) {
            try Links.check(changes, in: scene.results)
        }
        #expect("\(fault, default: "")" == "refused a change of the submodule 'sub'")
    }

    static let secret = "hunter2-hunter/2+hunter"

    @Test(arguments: [
        ("echo x$SECRET >x", "the file 'x'"),
        ("(head -c 70000 /dev/zero; echo $SECRET) >x", "the file 'x'"),
        ("printf %s $SECRET | base64 >x", "the file 'x'"),
        ("printf 'key=%s' $SECRET | base64 -w 20 >x", "the file 'x'"),
        ("printf %s $SECRET | od -An -tx1 | tr -d ' \\n' >x", "the file 'x'"),
        ("mkdir -p $SECRET; echo >$SECRET/x", "the path '…'"),
        ("echo >x; git add x; git commit -qm $SECRET", "the message or the people"),
        (
            "echo >x; git add x; git commit -qm x --author=\"$SECRET <a@b>\"",
            "the message or the people"
        ),
        (
            "echo $SECRET >x; git add x; git commit -qm x; git rm -q x; git commit -qm y",
            "the file 'x'"
        ),
    ])
    func `a secret is found wherever it was put`(script: String, place: String) throws {
        let scene = try Scene()
        let part = try scene.part("work", "SECRET='\(Self.secret)'\n\(script)")
        let scan = SecretScan(["TOKEN": Self.secret, "OTHER": "another secret"])
        let fault = #expect(throws: ResultFault.self) {
            try scan.check([part.commit], since: scene.base, in: scene.results)
        }
        let sentence = "\(fault, default: "")"
        #expect(sentence.hasPrefix("the value of 'TOKEN' stands in \(place)"))
        #expect(!sentence.contains("hunter"))
        #expect(fault?.exit == .refused)
    }

    @Test func `what the user already had is no secret of ours`() throws {
        let scene = try Scene { try $0.shell("echo '\(Self.secret)' >old", in: "agent") }
        let part = try scene.part("work", "echo fine >x")
        try SecretScan(["TOKEN": Self.secret])
            .check([part.commit], since: scene.base, in: scene.results)
    }

    @Test func `the mails of a result make the same tree again`() throws {
        let scene = try Scene()
        let part = try scene.part(
            "work",
            "printf 'a\\0b' >bin; git add -A; git commit -qm one; echo two >>README; ln -s README l"
        )
        let files = ResultFiles(in: scene.results, from: scene.base, to: part.commit)
        try files.writePatch(to: "\(scene.path)/patch")
        try scene.shell("git checkout -q -f $BASE; git am -q ../patch", in: "agent")
        #expect(
            try scene.shell("git rev-parse HEAD^{tree}", in: "agent")
                == scene.results.line("rev-parse", "\(part.commit)^{tree}"))
        #expect(try scene.shell("grep -c '^Subject: ' ../patch", in: "agent") == "2")
        let digest = try files.writeBundle(as: "refs/heads/x", to: "\(scene.path)/x.bundle")
        #expect(try SHA256.digest(file: "\(scene.path)/x.bundle") == digest)
        #expect(
            try scene.shell("git fetch -q ../x.bundle x && git rev-parse FETCH_HEAD", in: "agent")
                == part.commit)
    }
}

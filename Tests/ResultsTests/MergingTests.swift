import Records
import Results
import Smelt
import Testing

struct MergingTests {
    let style = CommitStyle(
        name: "Bot", email: "bot@example.org", signoff: true, trailers: ["Team: tools"])

    private func merge(
        _ scene: Scene, _ parts: [Part], by strategy: Merge.Strategy = .sequential,
        order: [String] = []
    ) throws -> Merging.Outcome {
        try Merging(in: scene.results, style: style, job: "job", run: .unknown)
            .merge(parts, onto: scene.base, by: strategy, order: order)
    }

    private func text(_ scene: Scene, _ arguments: String...) throws -> String {
        let finished = try scene.results.command(arguments).run()
        return finished.text
    }

    @Test func `one session alone is its own result`() throws {
        let scene = try Scene()
        let part = try scene.part("a", "echo a >a")
        let outcome = try merge(scene, [part])
        #expect(outcome.commit == part.commit)
        #expect(outcome.sessions == ["a"])
        #expect(outcome.conflicts.isEmpty)
    }

    @Test func `nothing is the base`() throws {
        let scene = try Scene()
        #expect(try merge(scene, []).commit == scene.base)
    }

    @Test func `the order is the one asked for, then the manifest's`() throws {
        let scene = try Scene()
        let parts = try ["a", "b", "c"].map { try scene.part($0, "echo \($0) >\($0)") }
        let outcome = try merge(scene, parts, order: ["c"])
        #expect(outcome.sessions == ["c", "a", "b"])
        let message = try text(scene, "log", "-1", "--format=%an <%ae>%n%B", outcome.commit)
        #expect(
            message == """
                Bot <bot@example.org>
                Merge session 'b' of 'job'

                Run: \(RunID.unknown)
                Team: tools
                Signed-off-by: Bot <bot@example.org>


                """)
        #expect(
            try text(scene, "ls-tree", "--name-only", outcome.commit) == "README\na\nb\nc\nsrc\n")
        // The same again is the same commit.
        #expect(try merge(scene, parts, order: ["c"]) == outcome)
    }

    @Test func `a conflict leaves the rest and names session and files`() throws {
        let scene = try Scene()
        let parts = [
            try scene.part("a", "echo a >README"), try scene.part("b", "echo b >README; echo b >b"),
            try scene.part("c", "echo c >c"),
        ]
        let outcome = try merge(scene, parts)
        #expect(outcome.sessions == ["a", "c"])
        #expect(outcome.conflicts == [.init(session: "b", files: ["README"])])
        #expect(try text(scene, "ls-tree", "--name-only", outcome.commit) == "README\nc\nsrc\n")
    }

    @Test func `overlap merges those first that share the fewest files`() throws {
        let scene = try Scene()
        let parts = [
            try scene.part("most", "echo 1 >README; echo 1 >src/main.c; echo 1 >new"),
            try scene.part("some", "sed -i 1iX README"),
            try scene.part("other", "sed -i 1iX src/main.c"),
            try scene.part("none", "echo c >c"),
        ]
        let outcome = try merge(scene, parts, by: .overlap)
        #expect(outcome.sessions == ["none", "some", "other"])
        #expect(
            outcome.conflicts == [.init(session: "most", files: ["README", "src/main.c"])])
    }

    @Test func `octopus is one commit with all parents`() throws {
        let scene = try Scene()
        let parts = try ["a", "b", "c"].map { try scene.part($0, "echo \($0) >\($0)") }
        let outcome = try merge(scene, parts, by: .octopus)
        let parents = try text(scene, "log", "-1", "--format=%P", outcome.commit)
        #expect(parents == parts.map(\.commit).joined(separator: " ") + "\n")
        #expect(
            try text(scene, "ls-tree", "--name-only", outcome.commit) == "README\na\nb\nc\nsrc\n")
        let one = try merge(scene, [parts[0]], by: .octopus)
        #expect(one.commit == parts[0].commit)
    }

    @Test func `octopus takes all or nothing`() throws {
        let scene = try Scene()
        let parts = [
            try scene.part("a", "echo a >README"), try scene.part("b", "echo b >README"),
        ]
        let outcome = try merge(scene, parts, by: .octopus)
        #expect(outcome.commit == scene.base)
        #expect(outcome.conflicts == [.init(session: "b", files: ["README"])])
    }

    @Test func `a session that builds on another one needs no merge`() throws {
        let scene = try Scene()
        let first = try scene.part("a", "echo a >a")
        let tip = try scene.session("b", from: first.commit, "echo b >b")
        try scene.admit("b", start: first.commit)
        let outcome = try merge(scene, [first, Part(session: "b", commit: tip)])
        #expect(outcome.commit == tip)
        #expect(outcome.sessions == ["a", "b"])
    }

    @Test func `a history of its own is a conflict without files`() throws {
        let scene = try Scene()
        try scene.shell(
            """
            git checkout -q --orphan smelt/b && echo b >b && git add -A && git commit -qm b
            git bundle create -q ../b.bundle smelt/b
            """, in: "agent")
        try scene.admit("b")
        let part = Part(
            session: "b", commit: try #require(try scene.results.commit("refs/smelt/runs/run/b")))
        #expect(try merge(scene, [part]).conflicts == [.init(session: "b", files: [])])
    }

    /// The agent writes attributes that would run drivers, or hide a conflict, where git obeys them.
    @Test(arguments: ["union", "ours", "evil", "binary"])
    func `attributes have no say`(driver: String) throws {
        let scene = try Scene { scene in
            try scene.shell(
                "echo '* merge=\(driver) filter=evil diff=evil text eol=crlf ident' >.gitattributes",
                in: "agent")
            try scene.shell(
                """
                for driver in merge.evil.driver filter.evil.smudge filter.evil.clean diff.evil.command \
                    diff.evil.textconv; do git config $driver 'touch $CANARY; cat'; done
                git config filter.evil.required false
                """, in: "agent")
        }
        try scene.shell("rm -f canary")
        let parts = [
            try scene.part("a", "echo a >README"), try scene.part("b", "echo b >README"),
            try scene.part("c", "printf '$Id$\\n' >c"),
        ]
        // What the agent's own git did in its own place does not count.
        try scene.shell("rm -f canary")
        let outcome = try merge(scene, parts)
        #expect(outcome.conflicts == [.init(session: "b", files: ["README"])])
        #expect(try text(scene, "cat-file", "blob", "\(outcome.commit):c") == "$Id$\n")
        let changes = try FileChanges(from: scene.base, to: outcome.commit, in: scene.results)
        #expect(changes.all.map(\.shown) == ["README", "c"])
        try ResultFiles(in: scene.results, from: scene.base, to: outcome.commit)
            .writePatch(to: "\(scene.path)/patch")
        #expect(!Files.exists(scene.canary))
    }
}

import Glibc
import Results
import Smelt
import Testing

/// What has been done to collectors of agents' work, and what git's own checks are known for.
@Suite(.timeLimit(.minutes(10)))
struct AttackTests {
    /// Makes a commit of the tree whose listing `mktree` is given, on the session's branch.
    static let tools = """
        blob=$(echo content | git hash-object -w --stdin)
        raw() { printf '%s' "$blob" | sed 's/../\\\\x&/g' | xargs -0 printf '%b'; }
        commit() {
            commit=$(git commit-tree -p $BASE -m evil "$1")
            git update-ref refs/heads/smelt/work $commit
            git bundle create -q ../work.bundle ^$BASE smelt/work
        }
        """

    private func refuse(
        _ scene: Scene, _ script: String, _ words: String..., bounds: Bounds = Bounds(),
        place: SourceLocation = #_sourceLocation
    ) throws {
        try scene.shell("set -e\n\(Self.tools)\n\(script)", in: "agent")
        let before = monotonicSeconds()
        let fault = #expect(throws: QuarantineFault.self, sourceLocation: place) {
            try scene.admit("work", bounds: bounds)
        }
        // Before any of its steps had run out of time.
        #expect(monotonicSeconds() - before < bounds.seconds, sourceLocation: place)
        #expect(fault?.exit == .refused, sourceLocation: place)
        for word in words {
            #expect("\(fault, default: "")".contains(word), sourceLocation: place)
        }
        try scene.expectUntouched(place)
    }

    @Test(arguments: [
        (".git", "hasDotgit"), (".GIT", "hasDotgit"), ("git~1", "hasDotgit"),
        (".g\u{200c}it", "hasDotgit"), (".git ", "hasDotgit"), (".git. .", "hasDotgit"),
        (".git::$INDEX_ALLOCATION", "hasDotgit"), ("a\\.git", "hasDotgit"),
        ("..", "hasDotdot"), (".", "hasDot"),
    ])
    func `a name that leads out or into a repository is refused`(
        name: String, message: String
    ) throws {
        try refuse(
            try Scene(),
            """
            cat >../name <<'END'
            \(name)
            END
            inner=$(printf '100644 blob %s\\tconfig\\0' $blob | git mktree -z)
            commit $(printf '040000 tree %s\\t%s\\0' $inner "$(cat ../name)" | git mktree -z)
            """, message)
    }

    @Test(arguments: [
        (#"printf '100644 a/b\0'; raw"#, "fullPathname"),
        (#"printf '100644 \0'; raw"#, "empty filename"),
        (#"printf '0100644 a\0'; raw"#, "zeroPaddedFilemode"),
        (#"printf '100644 a\0'; raw; printf '100644 a\0'; raw"#, "duplicateEntries"),
        (#"printf '100644 b\0'; raw; printf '100644 a\0'; raw"#, "treeNotSorted"),
        (#"printf '100644 a'"#, ""),
        (#"printf '104755 a\0'; raw"#, "badFilemode"),
        (#"printf '100644 a\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0'"#, "nullSha1"),
    ])
    func `a listing that git does not write is refused`(listing: String, message: String) throws {
        try refuse(
            try Scene(),
            """
            tree=$({ \(listing); } | git hash-object -t tree -w --literally --stdin)
            printf 'tree %s\\nparent %s\\nauthor a <a@a> 1 +0000\\ncommitter a <a@a> 1 +0000\\n\\nevil\\n' \
                $tree $BASE >../commit
            commit=$(git hash-object -t commit -w --literally --stdin <../commit)
            { printf '# v2 git bundle\\n-%s\\n%s refs/heads/smelt/work\\n\\n' $BASE $commit
              printf '%s\\n' $commit $tree $blob | git pack-objects -q --stdout; } >../work.bundle
            """, message)
    }

    @Test(arguments: [
        ("[submodule \"x\"]\n\tpath = x\n\turl = -u./payload\n", "gitmodulesUrl"),
        ("[submodule \"x\"]\n\tpath = x\n\turl = ../../:evil\n", "gitmodulesUrl"),
        ("[submodule \"x\"]\n\tpath = -x\n\turl = https://example.org\n", "gitmodulesPath"),
        ("[submodule \"../../hooks\"]\n\tpath = x\n\turl = y\n", "gitmodulesName"),
        ("[submodule \"x\"]\n\tupdate = !touch $CANARY\n\turl = y\n", "gitmodulesUpdate"),
        ("[submodule \"x\n", "gitmodulesParse"),
    ])
    func `an evil list of submodules is refused`(text: String, message: String) throws {
        try refuse(
            try Scene(),
            """
            cat >../modules <<'END'
            \(text)END
            modules=$(git hash-object -w --stdin <../modules)
            commit $(printf '100644 blob %s\\t.gitmodules\\n' $modules | git mktree)
            """, message)
    }

    @Test func `a link in place of the list of submodules is refused`() throws {
        try refuse(
            try Scene(), "commit $(printf '120000 blob %s\\t.gitmodules\\n' $blob | git mktree)",
            "gitmodulesSymlink")
    }

    @Test(arguments: [
        "author a <a@a> 1 +0000\ncommitter a <a@a> 99999999999999999999 +0000",
        "author a <a@a\ncommitter a <a@a> 1 +0000", "author a <a@a> 1 +0000",
    ])
    func `a commit that git does not write is refused`(people: String) throws {
        try refuse(
            try Scene(),
            """
            tree=$(git rev-parse $BASE^{tree})
            printf 'tree %s\\nparent %s\\n\(people)\\n\\nevil\\n' $tree $BASE >../commit
            commit=$(git hash-object -t commit -w --literally --stdin <../commit)
            git update-ref refs/heads/smelt/work $commit
            git bundle create -q ../work.bundle ^$BASE smelt/work
            """)
    }

    @Test func `objects that are missing, or that nobody needs, are refused`() throws {
        let pack = """
            tree=$(printf '100644 blob %s\\ta\\n' $blob | git mktree)
            commit=$(git commit-tree -p $BASE -m evil $tree)
            other=$(echo payload | git hash-object -w --stdin)
            pack() {
                printf '# v2 git bundle\\n-%s\\n%s refs/heads/smelt/work\\n\\n' $BASE $commit
                printf '%s\\n' "$@" | git pack-objects -q --stdout
            }
            """
        try refuse(try Scene(), "\(pack)\npack $commit $tree >../work.bundle")
        try refuse(
            try Scene(), "\(pack)\npack $commit $tree $blob $other >../work.bundle",
            "belong to no commit")
    }

    @Test func `a megabyte that unpacks to a gibibyte is refused unread`() throws {
        let scene = try Scene()
        try refuse(
            scene,
            """
            big=$(head -c 1073741824 /dev/zero | git -c core.compression=9 hash-object -w --stdin)
            commit $(printf '100644 blob %s\\tbig\\n' $big | git mktree)
            test $(stat -c %s ../work.bundle) -lt 2000000
            """, "a blob of 1073741824 bytes is more than 52428800")
    }

    @Test func `many files that are small alone are refused together`() throws {
        var bounds = Bounds()
        bounds.totalBytes = 1 << 20
        try refuse(
            try Scene(),
            """
            for file in 1 2 3; do
                head -c 500000 /dev/zero | tr '\\0' $file | git hash-object -w --stdin |
                    sed "s/.*/100644 blob &\\t$file/"
            done >../listing
            commit $(git mktree <../listing)
            """, "what it unpacks to,", bounds: bounds)
    }

    @Test func `small deltas that make a huge object are refused in bounded memory`() throws {
        let scene = try Scene()
        var pack = PackMaker()
        let first = 65_536
        pack.add(.blob, [UInt8](repeating: 0, count: first))
        // An instruction 0x80 alone copies 64 KiB from the start of the base.
        let second = first * 255
        pack.add(
            delta: PackMaker.delta(from: first, to: second, .init(repeating: 0x80, count: 255)))
        let copy: [UInt8] = [0xF0, 0x00, 0x00, 0xFF]
        pack.add(
            delta: PackMaker.delta(
                from: second, to: 0xFF0000 * 1000,
                (0..<1000).flatMap { _ in copy }))
        let name = String(repeating: "1", count: 40)
        try write(pack.bundle(of: "refs/heads/smelt/work", at: name), in: scene)
        try refused(scene, "took more memory") { try scene.admit("work") }
    }

    @Test func `a chain of more deltas than git makes is refused`() throws {
        let scene = try Scene()
        var pack = PackMaker()
        pack.add(.blob, [0, 0, 0])
        for index in 0..<5000 {
            let text = [UInt8(index >> 8), UInt8(index & 255), 1]
            pack.add(delta: PackMaker.delta(from: 3, to: 3, [3] + text))
        }
        let name = String(repeating: "1", count: 40)
        try write(pack.bundle(of: "refs/heads/smelt/work", at: name), in: scene)
        try refused(scene, "deltas is more than 4095") { try scene.admit("work") }
    }

    @Test func `a few directories that hold each other ten times over are refused`() throws {
        try refuse(
            try Scene(),
            """
            tree=$(printf '100644 blob %s\\ta\\n' $blob | git mktree)
            for level in 1 2 3 4 5 6 7 8 9 10; do
                tree=$(for name in 0 1 2 3 4 5 6 7 8 9; do
                    printf '040000 tree %s\\t%s\\n' $tree $name; done | git mktree)
            done
            commit $tree
            """, "changed paths: 100001 is more than 100000")
    }

    @Test(arguments: [(65, "depth"), (2000, "depth")])
    func `deep directories are refused`(depth: Int, word: String) throws {
        let path = String(repeating: "a/", count: depth) + "file"
        try refuse(
            try Scene(),
            """
            printf 'commit refs/heads/smelt/work\\ncommitter a <a@a> 1 +0000\\ndata 0\\nfrom %s\\nM 100644 %s %s\\n' \
                $BASE $blob \(path) | git fast-import --quiet --force
            git bundle create -q ../work.bundle ^$BASE smelt/work
            """, word)
    }

    @Test func `long paths are refused`() throws {
        try refuse(
            try Scene(),
            """
            name=$(head -c 4097 /dev/zero | tr '\\0' a)
            commit $(printf '100644 blob %s\\t%s\\n' $blob $name | git mktree)
            """, "a path of 4097 bytes")
    }

    @Test func `a huge message is refused`() throws {
        try refuse(
            try Scene(),
            """
            head -c 1100000 /dev/zero | tr '\\0' m >../message
            git update-ref refs/heads/smelt/work $(git commit-tree -p $BASE $BASE^{tree} <../message)
            git bundle create -q ../work.bundle ^$BASE smelt/work
            """, "a commit of")
    }

    @Test func `more objects than allowed are refused before they are read`() throws {
        var bounds = Bounds()
        bounds.objects = 2
        let scene = try Scene()
        _ = try scene.session("work", "echo x >x")
        try refused(scene, "objects 3 is more than 2") { try scene.admit("work", bounds: bounds) }
    }

    @Test func `an endless stream is cut off`() throws {
        // One object that goes on for ever, in blocks that zlib takes.
        let scene = try Scene()
        let block = [0x00, 0xFF, 0xFF, 0x00, 0x00] + [UInt8](repeating: 0, count: 65_535)
        let start =
            Array("# v2 git bundle\n\(scene.base) refs/heads/smelt/work\n\nPACK".utf8)
            + PackMaker.big(2) + PackMaker.big(1) + [
                0xBF, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F, 0x78, 0x01,
            ]
        try Files.replace("\(scene.path)/start", with: start)
        try Files.replace("\(scene.path)/block", with: block)
        var bounds = Bounds()
        bounds.totalBytes = 8 << 20
        try streamed(
            scene, "cat start; while cat block 2>/dev/null; do :; done", "refused a bundle",
            bounds: bounds)
    }

    @Test(arguments: ["", "head -c 20 work.bundle", "head -c 200 work.bundle", "cat work.bundle"])
    func `a stream that stands still is given up`(script: String) throws {
        let scene = try Scene()
        _ = try scene.session("work", "head -c 1000 /dev/urandom >x")
        var bounds = Bounds()
        bounds.seconds = 0.5
        // `read` waits for an end that never comes, as the descriptor that it reads is our own.
        try streamed(scene, "\(script)\nread line <wait", "it did not come", bounds: bounds)
    }

    private func streamed(
        _ scene: Scene, _ script: String, _ words: String, bounds: Bounds,
        place: SourceLocation = #_sourceLocation
    ) throws {
        try scene.shell("mkfifo wait")
        let ends = try Descriptor.pipe()
        let reading = Descriptor(owning: ends.reading)
        var command = Command("sh", "-c", script)
        command.directory = scene.path
        command.output = .descriptor(ends.writing)
        let running = try command.start()
        close(ends.writing)
        try refused(scene, words, place: place) {
            try Quarantine(into: scene.results, bounds: bounds).admit(
                bundle: reading.number, branch: "refs/heads/smelt/work", start: scene.base,
                as: "refs/smelt/runs/run/work")
        }
        #expect(kill(running.process, 0) == 0 || script.contains("block"), sourceLocation: place)
    }

    private func write(_ bundle: [UInt8], in scene: Scene) throws {
        try Files.replace("\(scene.path)/work.bundle", with: bundle)
    }
}

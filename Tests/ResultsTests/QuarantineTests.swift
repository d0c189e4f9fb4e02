import Glibc
import Results
import Smelt
import Testing

struct QuarantineTests {
    @Test func `honest work is let in and its quarantine goes away`() throws {
        let scene = try Scene()
        let tip = try scene.session("work", "echo more >>README; echo new >src/new.c")
        #expect(try scene.admit("work", wanted: tip) == tip)
        #expect(try scene.results.commit("refs/smelt/runs/run/work") == tip)
        #expect(Files.names(in: "\(scene.results.repository)/incoming").isEmpty)
        #expect(try scene.results.line("fsck", "--strict", "--no-dangling") == nil)
        // Once more is no harm.
        #expect(try scene.admit("work", wanted: tip) == tip)
    }

    @Test func `the same work may be let in by somebody else at the same time`() throws {
        let scene = try Scene()
        let tip = try scene.session("work", "echo x >x")
        let ref = "\(scene.results.repository)/refs/smelt/runs/run/work"
        try Files.makeDirectories(Files.parent(of: ref))
        // Who is to set the reference waits for its lock, for as long as it takes.
        try scene.results.run("config", "core.filesRefLockTimeout", "-1")
        try Files.replace("\(ref).lock", with: [])
        let script = """
            until cat /proc/[0-9]*/cmdline | tr '\\0' ' ' | grep -q '\(scene.results.repository)[ ]update-ref'; do :; done
            echo \(tip) >'\(ref)' && rm '\(ref).lock'
            """
        let other = try Command("sh", "-c", script).start()
        #expect(try scene.admit("work") == tip)
        #expect(other.finish() == .exited(code: 0))
        #expect(try scene.results.commit("refs/smelt/runs/run/work") == tip)
    }

    @Test func `a lock that a killed git left is no hindrance, and one that is held stays`() throws
    {
        let scene = try Scene()
        let tip = try scene.session("work", "echo x >x")
        let lock = "\(scene.results.repository)/refs/smelt/runs/run/work.lock"
        try scene.results.run("config", "core.filesRefLockTimeout", "0")
        try Files.makeDirectories(Files.parent(of: lock))
        try Files.replace(lock, with: [])
        #expect(throws: QuarantineFault.self) { try scene.admit("work") }
        #expect(Files.exists(lock))
        let before = timespec(tv_sec: time(nil) - 100, tv_nsec: 0)
        #expect(utimensat(AT_FDCWD, lock, [before, before], 0) == 0)
        #expect(try scene.admit("work") == tip)
        #expect(!Files.exists(lock))
    }

    @Test func `a bundle on a pipe is read to its end`() throws {
        let scene = try Scene()
        let tip = try scene.session("work", "head -c 3000000 /dev/urandom >big")
        let ends = try Descriptor.pipe()
        let reading = Descriptor(owning: ends.reading)
        var cat = Command("cat", "\(scene.path)/work.bundle")
        cat.output = .descriptor(ends.writing)
        let running = try cat.start()
        close(ends.writing)
        let got = try Quarantine(into: scene.results).admit(
            bundle: reading.number, branch: "refs/heads/smelt/work", start: scene.base,
            as: "refs/smelt/runs/run/work")
        #expect(got == tip)
        #expect(running.finish() == .exited(code: 0))
    }

    @Test func `another commit than the session ended at is refused`() throws {
        let scene = try Scene()
        _ = try scene.session("work", "echo x >x")
        try refused(scene, "but the session ended at") {
            try scene.admit("work", wanted: scene.base)
        }
    }

    @Test(arguments: [
        ("a second reference", "git bundle create -q ../work.bundle ^$BASE smelt/work main2"),
        ("another reference", "git bundle create -q ../work.bundle ^$BASE main2"),
        ("HEAD", "git bundle create -q ../work.bundle ^$BASE HEAD"),
        ("a tag object", "git tag -a -m t t && git bundle create -q ../work.bundle ^$BASE t"),
        ("no bundle", "echo hello >../work.bundle"),
        ("nothing", ": >../work.bundle"),
        ("an endless header", "head -c 1000000 /dev/zero >../work.bundle"),
        ("a filter", "sed -i '1s/.*/# v3 git bundle\\n@filter=blob:none/' ../work.bundle"),
        ("sha256", "sed -i '1s/.*/# v3 git bundle\\n@object-format=sha256/' ../work.bundle"),
        ("a capability in version 2", "sed -i '1s/$/\\n@object-format=sha1/' ../work.bundle"),
        ("cut off in the header", "head -c 60 ../work.bundle >../w; mv ../w ../work.bundle"),
        ("cut off in the pack", "head -c -30 ../work.bundle >../w; mv ../w ../work.bundle"),
        ("bytes behind it", "echo more >>../work.bundle"),
        (
            // Whatever it was: of one that happened to be the other already, nothing would be wrong.
            "a changed byte",
            """
            was=$(od -An -tu1 -j240 -N1 ../work.bundle)
            printf "\\\\$(printf %03o $((255 - was)))" |
                dd of=../work.bundle bs=1 seek=240 conv=notrunc status=none
            """
        ),
        (
            "a foreign prerequisite",
            "sed -i '2s/^-.*/-0123456789012345678901234567890123456789 x/' ../work.bundle"
        ),
        ("a bad name", "sed -i '2s/^-..../-GGGG/' ../work.bundle"),
    ])
    func `what is no proper bundle is refused`(name: String, script: String) throws {
        let scene = try Scene()
        _ = try scene.session("work", "head -c 1000 /dev/urandom >x; git branch -f main2")
        try scene.shell("git branch -f main2 smelt/work", in: "agent")
        try scene.shell(script, in: "agent")
        try refused(scene, "refused a bundle: ") { try scene.admit("work") }
    }

    @Test func `version 3 with the one capability is as good`() throws {
        let scene = try Scene()
        _ = try scene.session("work", "echo x >x")
        try scene.shell(
            "git bundle create -q --version=3 ../work.bundle ^$BASE smelt/work", in: "agent")
        try scene.admit("work")
    }

    @Test func `a history that the session was not given is refused`() throws {
        let scene = try Scene()
        let other = try scene.session("other", "echo x >x")
        try scene.admit("other")
        _ = try scene.session("work", from: other, "echo y >y")
        let fault = #expect(throws: QuarantineFault.self) { try scene.admit("work") }
        #expect("\(fault, default: "")".contains("was not given"))
        try scene.admit("work", start: other)
    }

    @Test func `what the user has is not judged`() throws {
        let scene = try Scene { scene in
            try scene.shell(
                """
                printf '[submodule "../x"]\\n\\tpath = x\\n\\turl = -evil\\n' >.gitmodules
                """, in: "agent")
        }
        let tip = try scene.session("work", "echo x >>README")
        #expect(try scene.admit("work") == tip)

        // A listing with modes as old tools wrote them; the new one is sent as a delta against it.
        let start = try scene.shell(
            """
            blob=$(git rev-parse HEAD:README)
            raw=$(printf %s $blob | sed 's/../\\\\x&/g')
            tree=$(for name in $(seq -w 300); do env printf '0100644 %s\\0'$raw $name; done |
                git hash-object -t tree -w --literally --stdin)
            start=$(git commit-tree -p $BASE -m old $tree)
            git push -q ../import.git $start:refs/smelt/base/$start
            echo $start
            """, in: "agent")
        try scene.shell(
            """
            tree=$({ git ls-tree \(start) | head -299; printf '100644 blob %s\\tnew\\n' \
                $(echo new | git hash-object -w --stdin); } | git mktree)
            git update-ref refs/heads/smelt/old $(git commit-tree -p \(start) -m new $tree)
            git bundle create -q ../old.bundle ^\(start) smelt/old
            """, in: "agent")
        try scene.admit("old", start: start)
    }

    @Test func `two at once do not disturb each other and a dead one is cleared away`() throws {
        let scene = try Scene()
        let left = "\(scene.results.repository)/incoming/dead"
        try Files.makeDirectories("\(left)/objects/pack")
        try Files.replace("\(left)/lock", with: [])
        try Files.replace("\(left)/objects/pack/tmp_pack_1", with: [1])
        let living = "\(scene.results.repository)/incoming/living"
        try Files.makeDirectories(living)
        let lock = try Lock("\(living)/lock", .exclusive, creating: true)
        _ = try scene.session("work", "echo x >x")
        try scene.admit("work")
        #expect(Files.names(in: "\(scene.results.repository)/incoming") == ["living"])
        withExtendedLifetime(lock.number) {}
    }
}

/// Must be refused with a reason that has `words` in it, and leave nothing.
func refused(
    _ scene: Scene, _ words: String..., place: SourceLocation = #_sourceLocation,
    _ attempt: () throws -> Void
) throws {
    let fault = #expect(throws: QuarantineFault.self, sourceLocation: place) { try attempt() }
    #expect(fault?.exit == .refused, sourceLocation: place)
    let sentence = "\(fault, default: "")"
    for word in words {
        #expect(sentence.contains(word), sourceLocation: place)
    }
    try scene.expectUntouched(place)
}

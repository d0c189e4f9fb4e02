import Glibc
import Records
import Smelt
import Testing

@testable import Sandbox

/// What is counted of a tree, and when a command is over its limit.
@Suite struct DiskTests {
    /// A directory of a test's own, made by a script.
    final class Tree {
        let path: String

        init(_ script: String) throws {
            var template = Array("/tmp/smelt-disk-XXXXXX".utf8CString)
            guard mkdtemp(&template) != nil else { throw SystemFault(errno, "make", "a directory") }
            path = String(
                decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
            try run(script)
        }

        deinit { try? run("chmod -R u+rwx . && rm -rf \"$PWD\"") }

        func run(_ script: String) throws {
            var command = Command("sh", "-ec", script)
            command.directory = path
            let finished = try command.run()
            guard finished.succeeded else { throw SystemFault(EIO, finished.errors, script) }
        }

        func look(hidden: [String] = []) throws -> DiskLook {
            let look = DiskLook([try DiskPlace(path, hidden: hidden)])
            while !look.goOn(7) {}
            return look
        }
    }

    @Test(arguments: [
        ("head -c 100000 /dev/zero >a", 102_400), ("truncate -s 1G a", 4096),
        ("head -c 100000 /dev/zero >a; for n in 1 2 3; do ln a $n; done", 102_400),
        ("touch a b c", 12_288), ("ln -s /usr a; mkfifo b", 8192),
        ("mkdir a b; head -c 100000 /dev/zero >a/x; chmod 0 a", 110_592),
        ("mkdir -p a/b/c; touch a/b/c/d; chmod 0 a/b; chmod 0 a", 16_384),
        ("head -c 100000 /dev/zero >a; head -c 5000 /dev/zero >'b\n'", 110_592),
    ])
    func `blocks are counted, once a file and one at least`(script: String, bytes: Int) throws {
        let tree = try Tree(script)
        // The directory itself has one.
        #expect(try tree.look().bytes == bytes + 4096)
    }

    @Test func `what is hidden is not counted, and nothing else`() throws {
        let tree = try Tree("mkdir -p a/b c/a/b; touch a/b/1 a/b/2 c/a/b/1")
        #expect(try tree.look().bytes == 9 * 4096)
        #expect(try tree.look(hidden: ["a/b"]).bytes == 6 * 4096)
    }

    @Test func `a tree deeper than a path is long is said to be so`() throws {
        let tree = try Tree(
            "python3 -c 'import os\nfor _ in range(2100): os.mkdir(\"d\"), os.chdir(\"d\")'")
        let look = try tree.look()
        #expect(look.isTooDeep && !look.missed)
    }

    @Test func `closed directories stay closed`() throws {
        let tree = try Tree("mkdir -p a/b; touch a/b/c; chmod 0111 a/b; chmod 0200 a")
        _ = try tree.look()
        var facts = stat()
        #expect(stat("\(tree.path)/a", &facts) == 0 && facts.st_mode & 0o7777 == 0o200)
    }

    /// Looks until there is nothing to do before the moment.
    private func settle(_ watch: DiskWatch) {
        for _ in 0..<3 {
            while let next = watch.nextMoment, next <= monotonicSeconds() { watch.goOn() }
        }
    }

    @Test func `growth counts from the start, everything from nothing`() throws {
        let tree = try Tree("head -c 100000 /dev/zero >a")
        var plan = Plan(
            command: ["true"], files: [.readWrite(source: tree.path, target: "/w")],
            limits: Limits(diskBytes: 50_000))
        for (counting, isOver) in [(DiskWatch.Counting.growth, false), (.everything, true)] {
            let watch = try #require(try DiskWatch(plan, counting: counting))
            watch.end()
            settle(watch)
            #expect(watch.isOver == isOver)
        }
        let watch = try #require(try DiskWatch(plan, counting: .growth))
        try tree.run("head -c 60000 /dev/zero >b")
        watch.end()
        settle(watch)
        #expect(watch.isOver && watch.nextMoment == nil)
        plan.diskGuard = .quota
        #expect(try DiskWatch(plan, counting: .growth) == nil)
    }

    /// A watch over what is elsewhere, and how often it has asked.
    private final class Elsewhere {
        var asked = 0
        private(set) lazy var watch = DiskWatch(most: 100, above: DiskFound(bytes: 1000)) {
            [unowned self] enough in
            asked += 1
            #expect(enough == 1100)
        }

        /// Has it ask, when its time comes, and answers.
        func answer(_ bytes: Int, isBeyond: Bool = false) {
            ask()
            watch.take(DiskFound(bytes: bytes, isBeyond: isBeyond))
        }

        func ask() {
            while let next = watch.nextMoment, next > monotonicSeconds() {}
            watch.goOn()
        }
    }

    @Test func `elsewhere, too, the first time is not believed while somebody lives`() {
        let one = Elsewhere()
        one.watch.begin()
        one.answer(1100)
        #expect(!one.watch.isOver && !one.watch.isDone)
        one.answer(1101)
        #expect(!one.watch.isOver)
        one.answer(1101)
        #expect(one.watch.isOver && one.watch.isDone && one.asked == 3)
    }

    @Test(arguments: [(1100, false, false), (1101, false, true), (0, true, true)])
    func `a last look is believed, and no answer from before`(
        bytes: Int, isBeyond: Bool, isOver: Bool
    ) {
        let one = Elsewhere()
        one.watch.begin()
        one.ask()
        one.watch.end()
        one.watch.take(DiskFound(bytes: 5000))
        #expect(!one.watch.isOver && !one.watch.isDone)
        one.answer(bytes, isBeyond: isBeyond)
        #expect(one.watch.isOver == isOver && one.watch.isDone && one.asked == 2)
    }

    @Test func `whom nobody answers waits for ever, unless he gives up`() {
        let one = Elsewhere()
        one.watch.begin()
        one.ask()
        #expect(one.watch.nextMoment == nil && !one.watch.isDone)
        one.watch.giveUp()
        one.watch.end()
        #expect(one.watch.isDone && !one.watch.isOver)
    }

    @Test func `places in others are theirs`() throws {
        let tree = try Tree("mkdir -p a/b ab; touch a/b/x")
        let plan = Plan(
            command: ["true"],
            files: ["a", "a/b", "ab", "a"].enumerated().map {
                .readWrite(source: "\(tree.path)/\($1)", target: "/w\($0)")
            })
        #expect(try DiskPlace.all(of: plan).count == 2)
    }
}

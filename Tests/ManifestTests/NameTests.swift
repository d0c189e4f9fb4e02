import Smelt
import Testing

@testable import Manifest

struct NameTests {
    @Test(arguments: [
        "main", "feature/x", "a.b", "a-b", "é", "a/b/c", "@a", "a@b", "a{b", "v1.0", "", "-a", "/a",
        "a/", "a//b", ".a", "a/.b", "a.", "a..b", "a.lock", "a.lock/b", "a b", "a~b", "a^b", "a:b",
        "a?b", "a*b", "a[b", "a\\b", "a@{b", "@", "HEAD", "a\u{7f}b", "a\tb", "a.lock.b", "a/HEAD",
    ])
    func `a branch is what git takes for one`(name: String) throws {
        let git = try Command("git", "check-ref-format", "refs/heads/\(name)").run().succeeded
        let branch = try Command("git", "check-ref-format", "--branch", name).run().succeeded
        // git reads "@" and HEAD as other branches' names; nobody can mean them here.
        let wanted = git && branch && name != "@"
        #expect((RefName.complaint(about: name) == nil) == wanted)
    }

    @Test(arguments: ["a", "A1", "a.b", "a_b-c", "1", String(repeating: "x", count: 100)])
    func `a plain name is taken`(name: String) throws {
        #expect(Names.complaint(about: name) == nil)
        #expect(try Command("git", "check-ref-format", "refs/heads/smelt/\(name)").run().succeeded)
    }

    @Test(arguments: [
        "", ".", "..", ".a", "-a", "_a", "a/b", "a\\b", "a b", "a..b", "a.", "a.lock", "é", "a\n",
        String(repeating: "x", count: 101),
    ])
    func `a name that would need another spelling is not`(name: String) {
        #expect(Names.complaint(about: name) != nil)
    }
}

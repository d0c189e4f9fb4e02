import Smelt
import Testing

struct SafeNameTests {
    @Test(arguments: [
        ("work", "work"), ("a.b-c_1", "a.b-c_1"), ("a/b", "a%2fb"), ("..", "%2e%2e"),
        (".git", "%2egit"), ("-x", "%2dx"), ("a..b", "a%2e.b"), ("a.", "a%2e"),
        ("x.lock", "x%2elock"), ("%2f", "%252f"), ("é", "%c3%a9"), ("", "%"),
    ])
    func `a name becomes one safe part`(name: String, safe: String) {
        #expect(SafeName.of(name) == safe)
    }

    @Test(arguments: ["a b", "..", "x.lock", ".", "-", "a~b^c:d?e*f[g\\h", "@{", "é", "@"])
    func `git takes it in a reference`(name: String) throws {
        let reference = "refs/heads/smelt/\(SafeName.of(name))"
        #expect(try Command("git", "check-ref-format", reference).run().succeeded)
    }
}

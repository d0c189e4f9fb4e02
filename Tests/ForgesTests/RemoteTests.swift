import Glibc
import Testing

@testable import Forges

struct RemoteTests {
    @Test(arguments: [
        ("https://user:secret@host/o/r.git", "https://user@host/o/r.git"),
        ("https://host/o/r@x", "https://host/o/r@x"),
        ("git@host:o/r.git", "git@host:o/r.git"),
        ("/path/with\u{1B}", "/path/with\\u{1b}"),
    ])
    func `an address is shown without its password`(address: String, shown: String) {
        #expect(Remote(address).shown == shown)
    }

    @Test func `two spellings of one repository are the same`() {
        #expect(Remote("https://Host/o/r").isSame(as: Remote("https://u:p@host/o/r.git/")) == false)
        #expect(Remote("https://Host/o/r").isSame(as: Remote("https://host/o/r.git/")))
        #expect(Remote("/usr/../usr/lib").isSame(as: Remote("file:///usr/lib")))
        #expect(!Remote("/usr").isSame(as: Remote("/usr/lib")))
    }

    @Test(arguments: [
        ("https://api.github.com", "https://github.com"),
        ("https://api.acme.ghe.com", "https://acme.ghe.com"),
        ("https://git.example.org/api/v3/", "https://git.example.org"),
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
    ])
    func `the place of git follows from that of the API`(api: String, web: String) throws {
        #expect(GitHub.web(try #require(Address(api))) == web)
    }

    @Test(arguments: [
        ("https://a.example", true), ("http://127.0.0.1:80/x", true), ("http://localhost", true),
        ("http://[::1]:8", true), ("http://127.0.0.1.evil.example", false),
        ("http://localhost.evil.example", false), ("http://10.0.0.1", false),
        ("ftp://localhost", false),
    ])
    func `a token travels by https or not at all`(address: String, isSafe: Bool) throws {
        #expect(try #require(Address(address)).isSafe == isSafe)
    }

    @Test(arguments: ["", "host/path", "https://", "https://user@host/", "https://a b/"])
    func `some texts are no address`(text: String) {
        #expect(Address(text) == nil)
    }
}

struct TokenTests {
    @Test func `a token is masked in each spelling`() async {
        await #expect(processExitsWith: .success) {
            setenv("FORGE_TEST_TOKEN", " ghp_abcdefghijklmnop\n", 1)
            let token = try Token(variable: "FORGE_TEST_TOKEN")
            #expect(token.masked("x ghp_abcdefghijklmnop y") == "x *** y")
            #expect(token.masked("ghp_abcdefghijklmnop") == "***")
            #expect(
                !token.masked("eC1hY2Nlc3MtdG9rZW46Z2hwX2FiY2RlZmdoaWprbG1ub3A=").contains(
                    "Z2hwX2Fi"))
            #expect(token.masked("nothing here") == "nothing here")
        }
    }

    @Test func `a token that is no token is refused`() async {
        await #expect(processExitsWith: .success) {
            setenv("FORGE_TEST_TOKEN", "two words\r\nX-Evil: 1", 1)
            #expect(throws: ForgeFault.self) { try Token(variable: "FORGE_TEST_TOKEN") }
            unsetenv("FORGE_TEST_TOKEN")
            #expect(throws: ForgeFault.self) { try Token(variable: "FORGE_TEST_TOKEN") }
        }
    }
}

import Glibc
import Smelt
import Testing

@testable import Daemon
@testable import Store

/// What a manifest's job is locked by.
@Suite struct ManifestJobTests {
    @Test(arguments: [
        "/", "/.git", "/.git/", "/../repository", "/../repository/.git",
    ])
    func `a repository on this machine has one lock under all its names`(more: String) throws {
        var template = Array("/tmp/smelt-lock-XXXXXX".utf8CString)
        let made = try #require(mkdtemp(&template))
        let top = try Files.canonical(String(cString: made))
        defer {
            for name in ["/link", "/repository/.git", "/repository", ""] { remove(top + name) }
        }
        let repository = top + "/repository"
        try Files.makeDirectories(repository + "/.git")
        try #require(symlink(repository, top + "/link") == 0)
        for name in [repository, "file://" + repository, top + "/link"] {
            #expect(NewJob.place(of: name + more) == repository, "\(name)\(more)")
        }
    }

    @Test(arguments: [
        "https://example.org/o/r", "https://example.org/o/r/", "https://example.org/o/r.git",
    ])
    func `and so has one elsewhere`(address: String) {
        #expect(NewJob.place(of: address) == "https://example.org/o/r")
    }

    @Test func `a bare one is not the checkout beside it`() {
        #expect(NewJob.place(of: "/nowhere/r.git") != NewJob.place(of: "/nowhere/r"))
    }
}

import Glibc
import Runtimes
import Smelt
import Testing

struct RemovalTests {
    @Test func `a tree too deep for any path goes`() throws {
        let place = try Place()
        let top = "\(place.path)/deep"
        mkdir(top, 0o700)
        var at = open(top, O_RDONLY | O_DIRECTORY)
        for _ in 0..<3000 {
            mkdirat(at, "d", 0o700)
            let next = openat(at, "d", O_RDONLY | O_DIRECTORY)
            close(at)
            at = next
        }
        try #require(at >= 0)
        close(at)
        try Removal.remove(top)
        #expect(!Files.exists(top))
    }

    @Test func `closed directories, links, pipes and odd names go, and nothing outside`() throws {
        let place = try Place()
        let script = """
            mkdir -p top/shut/in top/.removed-1/x outside; echo x >outside/file; echo x >top/shut/in/f
            ln -s ../outside top/link; ln -s ../../outside/file top/shut/file; mkfifo top/pipe
            touch top/.removed-2 'top/a b' "top/$(printf '\\377')"; chmod 000 top/shut/in top/shut
            """
        var command = Command("sh", "-ec", script)
        command.directory = place.path
        #expect(try command.run().succeeded)
        try Removal.remove("\(place.path)/top")
        #expect(Files.names(in: place.path) == ["outside"])
        #expect(try Files.readText("\(place.path)/outside/file") == "x\n")
    }

    @Test func `more entries than are read at once go`() throws {
        let place = try Place()
        let top = "\(place.path)/wide"
        mkdir(top, 0o700)
        for number in 0..<25_000 { close(open("\(top)/\(number)", O_CREAT | O_WRONLY, 0o600)) }
        try Removal.remove(top)
        #expect(!Files.exists(top))
    }

    @Test func `a link in the place of the directory is not followed`() throws {
        let place = try Place()
        mkdir("\(place.path)/real", 0o700)
        symlink("real", "\(place.path)/link")
        #expect(throws: SystemFault.self) { try Removal.remove("\(place.path)/link") }
        #expect(Files.exists("\(place.path)/real"))
    }

    @Test func `nothing there is no fault`() throws {
        try Removal.remove("/tmp/smelt-nothing-here")
    }
}

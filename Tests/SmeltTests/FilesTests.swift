import Smelt
import Testing

struct FilesTests {
    @Test(arguments: [
        ("/etc", "/etc", true), ("/etc/passwd", "/etc", true), ("/etc/a/b", "/etc/a", true),
        ("/etcetera", "/etc", false), ("/et", "/etc", false), ("/", "/etc", false),
        ("/opt", "/etc", false), ("", "/etc", false),
    ])
    func `a path lies in a directory or not`(path: String, directory: String, expected: Bool) {
        #expect(Files.lies(path, in: directory) == expected)
    }
}

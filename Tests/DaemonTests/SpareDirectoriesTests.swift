import Glibc
import Smelt
import Testing

@testable import Daemon

/// A run begins in an empty directory, whichever run had it before.
struct SpareDirectoriesTests {
    /// In a directory of its own, by names, which become paths.
    private static func within(
        _ body: (_ path: (String) -> String, _ names: () -> [String]) throws -> Void
    ) throws {
        var template = Array("/tmp/smelt-test-spares.XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw SystemFault(errno, "make", "a directory") }
        let top = String(
            decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        defer {
            for name in Files.names(in: top) {
                for file in Files.names(in: "\(top)/\(name)") { unlink("\(top)/\(name)/\(file)") }
                rmdir("\(top)/\(name)")
            }
            rmdir(top)
        }
        try body({ "\(top)/\($0)" }, { Files.names(in: top) })
    }

    @Test func `an empty one gets the name of the next run`() throws {
        try Self.within { path, names in
            let spares = SpareDirectories()
            #expect(!spares.give(path("b")))
            mkdir(path("a"), 0o700)
            spares.take(path("a"))
            #expect(spares.give(path("b")))
            #expect(names() == ["b"])
            #expect(!spares.give(path("c")))
        }
    }

    @Test func `one in which its job has begun again stays where it is`() throws {
        try Self.within { path, names in
            let spares = SpareDirectories()
            mkdir(path("a"), 0o700)
            spares.take(path("a"))
            try Files.replace(path("a/2.jsonl"), with: [])
            #expect(!spares.give(path("b")))
            #expect(Files.names(in: path("a")) == ["2.jsonl"])
            #expect(names() == ["a"])
        }
    }

    @Test func `the directory of another run stays as it is`() throws {
        try Self.within { path, names in
            let spares = SpareDirectories()
            mkdir(path("a"), 0o700)
            mkdir(path("b"), 0o700)
            spares.take(path("a"))
            try Files.replace(path("b/1.jsonl"), with: [7])
            #expect(!spares.give(path("b")))
            #expect(try Files.read(path("b/1.jsonl")) == [7])
            #expect(names() == ["b"])
        }
    }

    @Test func `a job gets its own back, and one that is gone is no fault`() throws {
        try Self.within { path, names in
            let spares = SpareDirectories()
            mkdir(path("a"), 0o700)
            spares.take(path("gone"))
            spares.take(path("a"))
            #expect(spares.give(path("a")))
            #expect(!spares.give(path("b")))
            #expect(names() == ["a"])
        }
    }

    @Test func `few are kept, and none when it goes`() throws {
        try Self.within { path, names in
            do {
                let spares = SpareDirectories()
                for number in 0..<100 {
                    mkdir(path("\(number)"), 0o700)
                    spares.take(path("\(number)"))
                }
                #expect(names().count == 16)
            }
            #expect(names().isEmpty)
        }
    }
}

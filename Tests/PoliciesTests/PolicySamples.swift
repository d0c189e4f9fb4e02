import Glibc
import Policies
import Smelt
import Toml

/// Policies from texts.
enum Sample {
    static func policy(_ text: String) throws(PolicyFault) -> Policy {
        try files(text).policy
    }

    static func files(_ text: String) throws(PolicyFault) -> PolicyFiles {
        try PolicyFiles(
            SourceFile(name: "p", path: "/d/p", directory: "/d", text: Array(text.utf8)))
    }

    /// `LINE:COLUMN: sentence`, in the order in which they are told.
    static func problems(_ text: String) -> [String] {
        do throws(PolicyFault) { _ = try policy(text) } catch {
            return "\(error)".split(separator: "\n").map { String($0.dropFirst(2)) }
        }
        return []
    }
}

/// A directory with files, gone with its owner.
final class Shelf {
    let path: String

    init() throws {
        path = "/tmp/smelt-test-\(getpid())-\(UInt32.random(in: 0 ... .max))"
        try Files.makeDirectories(path)
    }

    deinit {
        for name in Files.names(in: path) { unlink("\(path)/\(name)") }
        rmdir(path)
    }

    @discardableResult
    func put(_ name: String, _ text: String) throws -> String {
        try Files.replace("\(path)/\(name)", with: text.utf8)
        return "\(path)/\(name)"
    }

    /// What comes of reading them, with the directory's name taken out.
    func problems(_ names: String...) -> [String] {
        do throws(PolicyFault) { _ = try PolicyFiles(names.map { "\(path)/\($0)" }) } catch {
            return "\(error)".replacing("\(path)/", with: "").split(separator: "\n").map(
                String.init)
        }
        return []
    }

    func warnings(_ names: String...) throws -> [String] {
        try PolicyFiles(names.map { "\(path)/\($0)" }).warnings.map {
            $0.replacing("\(path)/", with: "")
        }
    }
}

internal import Glibc
internal import Smelt

/// A file's text, and where it is from.
package struct SourceFile: Sendable {
    /// As the caller names it; begins the lines of problems.
    package let name: String
    /// Absolute; `-` for standard input.
    package let path: String
    /// The directory that relative paths in it start from.
    package let directory: String
    package let text: [UInt8]

    package init(name: String, path: String, directory: String, text: [UInt8]) {
        (self.name, self.path, self.directory, self.text) = (name, path, directory, text)
    }

    /// `-` is standard input, of which `begun` was read already, less than a file may be long.
    package static func read(
        _ name: String, begun: [UInt8] = []
    ) throws(SourceFault) -> SourceFile {
        do {
            if name == "-" {
                let text =
                    try begun
                    + Descriptor(owning: dup(0))
                    .readAll(upTo: Toml.longest - begun.count, name: "standard input")
                return SourceFile(
                    name: name, path: name, directory: Files.workingDirectory, text: text)
            }
            let text = try Files.read(name, upTo: Toml.longest)
            let directory = try Files.canonical(Files.parent(of: name))
            return SourceFile(
                name: name, path: Files.resolve(Files.name(of: name), against: directory),
                directory: directory, text: text)
        } catch let fault as SystemFault {
            throw .unreadable(fault)
        } catch {
            throw .invalid(file: name, problems: [Toml.tooLong])
        }
    }

    /// The members of the root table.
    package func members() throws(SourceFault) -> [Toml.Member] {
        do throws(Problem) {
            guard case .table(let members) = try Toml.read(text).value else { return [] }
            return members
        } catch {
            throw .invalid(file: name, problems: [error])
        }
    }
}

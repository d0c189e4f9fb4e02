internal import Glibc
internal import Smelt
internal import Toml

/// A file that decides what a command may do. Whoever can change it decides, so it must be the caller's own or root's,
/// and nobody else's to write; what is looked at is the file that was opened.
struct TrustedFile {
    let source: SourceFile
    /// Two names of one file have the same.
    let identity: String

    init(_ name: String) throws(PolicyFault) {
        do {
            let file = try Descriptor(opening: name, O_RDONLY | O_NOCTTY)
            var facts = stat()
            guard fstat(file.number, &facts) == 0 else { throw SystemFault(errno, "look at", name) }
            if facts.st_uid != geteuid(), facts.st_uid != 0 {
                throw PolicyFault.notTrusted(
                    file: name, reason: "it belongs to user \(facts.st_uid), not to you or root")
            }
            if facts.st_mode & S_IWOTH != 0, facts.st_mode & S_IFMT == S_IFREG {
                throw PolicyFault.notTrusted(
                    file: name, reason: "everybody may write it; chmod o-w takes that away")
            }
            let text = try file.readAll(upTo: Toml.longest, name: name)
            let directory = try Files.canonical(Files.parent(of: name))
            source = SourceFile(
                name: name, path: Files.resolve(Files.name(of: name), against: directory),
                directory: directory, text: text)
            identity = "\(facts.st_dev):\(facts.st_ino)"
        } catch let fault as SystemFault {
            throw .unreadable(fault)
        } catch let fault as PolicyFault {
            throw fault
        } catch {
            throw .invalid([.invalid(file: name, problems: [Toml.tooLong])])
        }
    }
}

internal import CSystem
internal import Glibc

/// The version that every command reports and every run records.
package let smeltVersion = "0.1.0"

/// One form of a command: `smelt-manifest check FILE…` is the verb `check`; a command without verbs
/// has a single form with an empty name.
package struct Verb: Sendable {
    package let name: String
    /// Made when it is looked at: a table takes longer to make than to print a version.
    package var options: [any Declared] { table() }
    package let operands: String
    package let summary: String
    /// Everything from the first operand on is left alone.
    package let strict: Bool
    let body: @Sendable (Words) throws -> Exit
    private let table: @Sendable () -> [any Declared]

    package init(
        _ name: String, options: @autoclosure @escaping @Sendable () -> [any Declared] = [],
        operands: String = "", summary: String,
        strict: Bool = false, body: @escaping @Sendable (Words) throws -> Exit
    ) {
        self.name = name
        table = options
        self.operands = operands
        self.summary = summary
        self.strict = strict
        self.body = body
    }
}

/// A command: its name and its forms. `start` is the whole of `main`: it reads the command line,
/// runs the form, prints the sentence of a fault, and ends the process with the right status.
package struct Tool: Sendable {
    package let name: String
    package let summary: String
    package let verbs: [Verb]
    /// The status that a fault ends the command with, given the words of the call. For commands whose
    /// status is somebody else's and that must keep theirs apart.
    package var status: @Sendable (any Fault, [String]) -> Int32 = { fault, _ in fault.exit.rawValue
    }

    /// A command with one form.
    package init(
        _ name: String, summary: String,
        options: @autoclosure @escaping @Sendable () -> [any Declared] = [], operands: String = "",
        strict: Bool = false, body: @escaping @Sendable (Words) throws -> Exit
    ) {
        self.name = name
        self.summary = summary
        verbs = [
            Verb(
                "", options: options(), operands: operands, summary: summary, strict: strict,
                body: body)
        ]
    }

    /// A command with several forms; one may have an empty name and is the command alone.
    package init(_ name: String, summary: String, verbs: [Verb]) {
        self.name = name
        self.summary = summary
        self.verbs = verbs
    }

    package func start() -> Never {
        Standard.prepare()
        let (arguments, stranger) = Self.arguments()
        var verb: Verb?
        do {
            if let stranger {
                throw Usage("argument \(stranger) is not UTF-8, and would become another one")
            }
            if let asked = arguments.first, arguments.count == 1, let text = aboutUs(asked) {
                try put(text)
                exit(0)
            }
            verb = form(for: arguments)
            let rest = verb?.name.isEmpty == false ? Array(arguments.dropFirst()) : arguments
            guard let verb else { throw unknownForm(arguments.first) }
            let table = verb.options + [Self.help, Self.version]
            let words = try Parsing.words(rest, table: table, strict: verb.strict)
            if words[Self.help] {
                try put(Help.page(of: self, verb: verb))
                exit(0)
            }
            if words[Self.version] {
                try put("\(name) \(smeltVersion)\n")
                exit(0)
            }
            exit(try verb.body(words).rawValue)
        } catch let usage as Usage {
            let forms = verb.map { [$0] } ?? verbs
            say("\(name): \(usage)\n" + Help.usage(of: self, forms), to: 2)
            exit(status(usage, arguments))
        } catch let cancelled as Cancelled {
            exit(cancelled.exit.rawValue)
        } catch let fault as any Fault {
            say("\(name): \(fault)" + (fault.hint.map { "; \($0)" } ?? "") + "\n", to: 2)
            exit(status(fault, arguments))
        } catch {
            say("\(name): unexpected: \(error)\n", to: 2)
            exit(Exit.bug.rawValue)
        }
    }

    /// Without the name that we were called by; and the number of the first that is no text, from 1.
    private static func arguments() -> (words: [String], stranger: Int?) {
        var words: [String] = []
        var stranger: Int?
        while let word = system_argument(Int32(words.count + 1)) {
            let text = String(validatingCString: word)
            words.append(text ?? String(cString: word))
            if text == nil { stranger = stranger ?? words.count }
        }
        return (words, stranger)
    }

    static let help = Option("help", "h", .flag, "print this text")
    static let version = Option("version", "V", .flag, "print the version")

    private func form(for arguments: [String]) -> Verb? {
        if let first = arguments.first, let named = verbs.first(where: { $0.name == first }),
            !first.isEmpty
        {
            return named
        }
        return verbs.first { $0.name.isEmpty }
    }

    private func unknownForm(_ word: String?) -> Usage {
        let names = verbs.map(\.name)
        guard let word, !word.hasPrefix("-") else {
            return Usage("say what to do: \(names.joined(separator: ", "))")
        }
        let near = Spelling.nearest(to: word, among: names)
        return Usage("unknown command '\(word)'" + (near.map { "; did you mean \($0)?" } ?? ""))
    }

    private func aboutUs(_ word: String) -> String? {
        switch word {
        case "--help", "-h": Help.page(of: self, verb: nil)
        case "--version", "-V": "\(name) \(smeltVersion)\n"
        case "--options": Help.table(of: self)
        default: nil
        }
    }
}

/// Tells people something. That nobody can hear it changes nothing.
package func say(_ text: String, to number: Int32 = 2) {
    var text = text
    text.withUTF8 { try? writeAll(UnsafeRawBufferPointer($0), to: number, name: "output") }
}

/// Writes text that was asked for to standard output; where nobody reads any more, the command ends
/// as it does by SIGPIPE.
package func put(_ text: String) throws {
    var text = text
    try text.withUTF8 { try put(UnsafeRawBufferPointer($0)) }
}

/// The same of bytes.
package func put(_ bytes: [UInt8]) throws {
    try bytes.withUnsafeBytes { try put($0) }
}

private func put(_ bytes: UnsafeRawBufferPointer) throws {
    do throws(SystemFault) { try writeAll(bytes, to: 1, name: "standard output") } catch {
        if error.number == EPIPE { throw Cancelled(.unheard) }
        throw error
    }
}

internal import Glibc
internal import Smelt

/// Compose's own command for one project.
struct ComposeCommand {
    private let words: [String]
    private let environment: [String]
    /// Seconds after which it is ended.
    var timeout: Double?

    /// `hidden` are variables of this process that it does not get: files of the user's take in what they like, and a
    /// secret would be told to whoever looks at a container.
    init(project: String, in directory: String, hiding hidden: Set<String>) throws {
        environment = Environment.all(without: hidden)
        let start = try Self.find()
        words = start + ["--project-name", project, "--project-directory", directory]
    }

    /// The plugin where there is one, else the older program.
    private static func find() throws -> [String] {
        let plugin = [Docker.program, "compose"]
        let finished = try Command(plugin + ["version"]).run()
        if finished.succeeded { return plugin }
        // Looked for rather than asked: it takes half a second to start.
        let places = (Environment["PATH"] ?? "").split(separator: ":").map {
            "\($0)/docker-compose"
        }
        if places.contains(where: { access($0, X_OK) == 0 }) { return ["docker-compose"] }
        throw ComposeFault.noCommand(
            Visible.line(
                finished.errors.split(whereSeparator: \.isNewline).first.map(String.init) ?? ""))
    }

    func call(_ files: [String], _ arguments: [String]) throws -> Command.Finished {
        var command = Command(words + files.flatMap { ["--file", $0] } + arguments)
        command.environment = environment
        command.timeout = timeout
        return try command.run()
    }

    /// What the files say altogether, as compose sees it.
    func configuration(of files: [String]) throws -> ComposeNames {
        let finished = try call(files, ["config"])
        guard finished.succeeded else {
            throw ComposeFault.refused(reason: Self.reason(finished.errors))
        }
        return ComposeNames(parsing: finished.text)
    }

    /// What tells most of its complaints. Of a file that is wrong, all that is wrong with it.
    static func reason(_ errors: String) -> String {
        let lines = errors.split(whereSeparator: \.isNewline).map(String.init)
        if let at = lines.lastIndex(where: { $0.hasSuffix("is invalid because:") }) {
            return Visible.line(lines[at...].prefix(5).joined(separator: " "))
        }
        let telling = lines.filter { line in
            !line.allSatisfy(\.isWhitespace)
                && !line.contains("Encountered errors while bringing up the project")
        }
        var reason =
            telling.last { $0.contains("rror") || $0.contains("denied") } ?? telling.last
            ?? "it said nothing"
        for prefix in ["ERROR: ", "Error response from daemon: ", "Error: "]
        where reason.hasPrefix(prefix) { reason.removeFirst(prefix.count) }
        return Visible.line(reason)
    }
}

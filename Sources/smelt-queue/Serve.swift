import Daemon
import Glibc
import Manifest
import Smelt

/// `serve`: the daemon. `drain`: its end, when nothing runs any more.
enum Serve {
    static let config = Option("config", "c", .file, "what the file says; see smelt-server(5)")
    static let jobs = Option("jobs", "j", .number(1...1024), "so many at the same time")
    static let drain = Option("drain", nil, .flag, "when stopped, wait for what runs")
    static let beside = Option("beside", nil, .flag, "although another daemon works with the store")

    static let verb = Verb(
        "serve", options: [config, jobs, drain, beside],
        summary: "runs jobs until it is stopped"
    ) { words in
        guard words.operands.isEmpty else { throw Usage("serve takes no operand") }
        let read = { try server(words) }
        do {
            // First, so that nothing is made where the file is wrong.
            let server = try read()
            var options = Daemon.Options(
                path: try SmeltQueue.path, server: server, actor: .caller)
            options.isBeside = words[beside]
            if words[config] != nil { options.reload = read }
            return try Daemon(options).run()
        } catch let fault as ServerFault {
            guard case .unreadable = fault else {
                // Problems of a file stand as they are, so that editors find their places.
                say("\(fault)\n")
                throw WrongFile(file: words[config] ?? "", exit: fault.exit)
            }
            throw fault
        }
    }

    static let drainVerb = Verb(
        "drain", summary: "stops the daemon when what runs has ended, and waits for that"
    ) { words in
        guard words.operands.isEmpty else { throw Usage("drain takes no operand") }
        try DaemonLock.drain(try SmeltQueue.path)
        return .done
    }

    /// Whether the file is where the daemon takes files away.
    private static func isDropped(_ file: String, into directory: String?) -> Bool {
        guard let directory, let there = try? Files.canonical(directory) else { return false }
        // By its own name, by what that is a link to, or by a link on the way: no file has more of them.
        var name = file
        for _ in 0...40 {
            guard let parent = try? Files.canonical(Files.parent(of: name)) else { return false }
            if parent == there { return true }
            guard let goal = Files.goal(ofLink: name) else { return false }
            name = Files.resolve(goal, against: parent)
        }
        return false
    }

    /// What the file says, and over it the options.
    private static func server(_ words: Words) throws -> Server {
        var server = Server()
        if let file = words[config] {
            server = try Server.read(file)
            for warning in server.warnings { say(warning.line(in: file) + "\n") }
            guard !isDropped(file, into: server.queueDirectory) else { throw OwnFile(file: file) }
        } else {
            server.maxConcurrent = max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)))
        }
        server.maxConcurrent = words[jobs] ?? server.maxConcurrent
        server.drains = server.drains || words[drain]
        return server
    }
}

/// It would be taken for a job, and away.
struct OwnFile: Fault {
    let file: String
    var exit: Exit { .misconfigured }
    var code: String { "own_file" }
    var description: String {
        "'\(Visible.line(file))' lies in its own queue_dir, where every manifest is a job: put it elsewhere"
    }
}

/// Behind the list of what is wrong.
struct WrongFile: Fault {
    let file: String
    let exit: Exit
    var code: String { "bad_server_file" }
    var description: String { "could not use '\(Visible.line(file))'" }
}

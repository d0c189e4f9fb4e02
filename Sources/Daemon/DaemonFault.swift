package import Smelt
package import Store

/// What stops the daemon, or the start of one run.
package enum DaemonFault: Fault {
    case store(StoreFault)
    case system(SystemFault)
    /// Another daemon works with the file.
    case taken(String, pid: String)
    case noDaemon(String)
    /// It runs where its process cannot be found from here.
    case unknownDaemon(String)
    case replaced(String)
    /// What a service manager hands over.
    case badListen(String)
    case noBell(String, what: String)
    case noProcesses
    case openToOthers(String)
    case foreign(String)
    /// The working directory of a job.
    case noDirectory(String, reason: String)
    case badCommand(String)
    case noProgram(String)
    /// A job that goes on, where there is nothing to go on with.
    case noRest
    case noLog
    case notStarted(CommandFault)

    package var exit: Exit {
        switch self {
        case .store(let fault): fault.exit
        case .system(let fault): fault.exit
        case .taken: .later
        case .noDaemon: .no
        case .unknownDaemon: .unavailable
        case .replaced: .later
        case .noProcesses: .unavailable
        case .openToOthers, .foreign, .badListen, .noBell: .misconfigured
        case .noDirectory: .missing
        case .badCommand: .invalid
        case .noProgram: .unavailable
        case .noRest: .misconfigured
        case .noLog: .missing
        case .notStarted(let fault): fault.exit
        }
    }

    package var code: String {
        switch self {
        case .store(let fault): fault.code
        case .system(let fault): fault.code
        case .taken: "served"
        case .noDaemon: "not_served"
        case .unknownDaemon: "served_elsewhere"
        case .replaced: "replaced"
        case .badListen, .noBell: "bad_listen"
        case .noProcesses: "no_proc"
        case .openToOthers, .foreign: "unsafe"
        case .noDirectory: "no_directory"
        case .badCommand: "bad_command"
        case .noProgram: "no_program"
        case .noRest: "no_rest"
        case .noLog: "no_log"
        case .notStarted(let fault): fault.code
        }
    }

    package var description: String {
        switch self {
        case .store(let fault): "\(fault)"
        case .system(let fault): "\(fault)"
        case .taken(let path, let pid):
            "a daemon works with '\(path)' already, process \(pid): stop it, or work beside it "
                + "with --beside"
        case .noDaemon(let path): "no daemon works with '\(path)'"
        case .unknownDaemon(let path):
            "the daemon that works with '\(path)' is in another container, or of another version: "
                + "drain it where it runs"
        case .replaced(let path):
            "another file has the name '\(path)' now: start the daemon anew"
        case .badListen(let what): "\(what): look at who starts the daemon"
        case .noBell(let name, let what):
            "could not use the descriptor '\(Visible.line(name))' that was handed over in LISTEN_FDS: it is "
                + "\(what), and a bell is a pipe to read from or a datagram socket"
        case .noProcesses: "could not read /proc/self/stat: mount /proc"
        case .openToOthers(let path):
            "everybody may write in '\(path)', and what is dropped there is run: chmod o-w it"
        case .foreign(let path):
            "'\(path)' belongs to somebody else, and what is dropped there is run: name a directory "
                + "of your own in queue_dir"
        case .noDirectory(let path, let reason):
            "could not run the job in '\(Visible.line(path))': \(reason)"
        case .noProgram(let name):
            "there is no program '\(Visible.line(name))' in PATH: install it, or name another in "
                + "[pipeline] command"
        case .noRest:
            "could not go on with the job: [pipeline] has a command and no resume, which gets the log "
                + "on its standard input"
        case .noLog:
            "could not go on with the job: its log does not go back so far any more; retry it "
                + "without --resume"
        case .badCommand(let why): "could not read the job's command: \(why)"
        case .notStarted(let fault): "\(fault)"
        }
    }
}

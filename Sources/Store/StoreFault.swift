internal import CSQLite
internal import Glibc
package import Smelt

/// What can go wrong with the store.
package enum StoreFault: Fault, Equatable {
    /// A file of somebody else's: it is left as it is.
    case notOurs(String, why: String)
    /// Written by a later smelt.
    case newer(String, version: Int, ours: Int)
    /// A migration that this file has been through is not the one that we know: looked at when it is brought to a later
    /// version, and by `verify`.
    case otherHistory(String, version: Int)
    /// Somebody else has been writing for longer than we wait.
    case busy(String)
    case full(String)
    case unreadable(String)
    /// Damaged, as SQLite found or as `verify` did.
    case damaged(String, what: String)
    /// What lies in the spool from that byte on is whole, and no job.
    case foreignEntry(String, at: Int)
    case failed(SystemFault)
    case outOfMemory(String)
    /// What SQLite says of a statement of ours.
    case bug(String)
    /// Somebody has the file open, which must not be replaced beneath him.
    case served(String)
    case occupied(String)
    /// There is no file, but what lay beside one: its log, or jobs in its spool.
    case logLeft(String, of: String)
    /// The file was moved or removed under those who had it open.
    case replaced(String)
    /// A signal ended the wait for the file.
    case interrupted(Exit)

    case unknownJob(String)
    case unknownGroup(String)
    /// A job that is in no state in which that can be done.
    case notNow(job: String, state: String, wish: String)
    /// Somebody else has changed the job since it was looked at.
    case changedMeanwhile(job: String)
    /// A need that would keep the job from ever beginning.
    case cannotNeed(job: String, other: String, why: String)
    /// Somebody else has the job, or it is over: what its former holder says counts no more.
    case leaseGone(job: String)
    case invalid(String)
    /// Of many jobs that were to be added; where that one was.
    indirect case inBatch(String, StoreFault)

    package var exit: Exit {
        switch self {
        case .notOurs, .newer, .otherHistory: .misconfigured
        case .busy, .outOfMemory, .served, .replaced, .leaseGone, .changedMeanwhile: .later
        case .full, .damaged, .foreignEntry, .logLeft: .io
        case .interrupted(let exit): exit
        case .unreadable, .notNow, .cannotNeed: .refused
        case .failed(let fault): fault.exit
        case .bug: .bug
        case .occupied: .refused
        case .unknownJob, .unknownGroup: .missing
        case .invalid: .invalid
        case .inBatch(_, let fault): fault.exit
        }
    }

    package var code: String {
        switch self {
        case .notOurs: "not_ours"
        case .newer, .otherHistory: "other_version"
        case .busy: "busy"
        case .full: "disk_full"
        case .unreadable: "not_writable"
        case .damaged, .foreignEntry: "damaged"
        case .failed(let fault): fault.code
        case .outOfMemory: "out_of_memory"
        case .bug: "bug"
        case .served: "served"
        case .occupied: "exists"
        case .logLeft: "log_left"
        case .replaced: "replaced"
        case .interrupted(let exit): Cancelled(exit).code
        case .unknownJob: "unknown_job"
        case .unknownGroup: "unknown_group"
        case .notNow: "wrong_state"
        case .changedMeanwhile: "changed_meanwhile"
        case .cannotNeed: "cannot_need"
        case .leaseGone: "lease_gone"
        case .invalid: "invalid"
        case .inBatch(_, let fault): fault.code
        }
    }

    package var description: String {
        switch self {
        case .notOurs(let path, let why):
            "'\(path)' is no store of smelt's (\(why)): name another place in SMELT_STATE_DIR"
        case .newer(let path, let version, let ours):
            "'\(path)' was written by a later smelt (version \(version), here \(ours)): use that one"
        case .otherHistory(let path, let version):
            "'\(path)' came to version \(version) in another way than this smelt knows: use the "
                + "smelt that made it"
        case .busy(let path):
            "could not write to '\(path)': another process has been writing all the time; try again"
        case .full(let path):
            "could not write to '\(path)': no space is left; make some, and nothing that was "
                + "acknowledged is lost"
        case .unreadable(let path):
            "could not write to '\(path)': it may only be read; look at its owner and mode"
        case .damaged(let path, let what):
            "'\(path)' is damaged (\(what)): see smelt-queue verify, and restore a backup"
        case .foreignEntry(let path, let place):
            "'\(path)' has something at byte \(place) that is no job of this smelt's: move it away, and add again "
                + "what it names"
        case .failed(let fault): "\(fault)"
        case .outOfMemory(let path): "could not work with '\(path)': not enough memory"
        case .bug(let what): "the store's own statement failed: \(what)"
        case .served(let path):
            "somebody uses '\(path)': stop the daemon, and what waits or follows"
        case .occupied(let path):
            "'\(path)' is already there: name a new file"
        case .logLeft(let left, let path):
            "could not make '\(path)': what one that is gone had not taken in is there, '\(left)'; restore "
                + "a backup, which keeps it, or move it away"
        case .replaced(let path):
            "another file has the name '\(path)' now, or none has: begin anew"
        case .interrupted(let exit): "\(Cancelled(exit))"
        case .unknownJob(let id): "there is no job '\(Visible.line(id))'"
        case .unknownGroup(let name): "there is no group '\(Visible.line(name))'"
        case .notNow(let job, let state, let wish):
            "could not \(wish) job '\(job)': it is \(state)"
        case .changedMeanwhile(let job):
            "could not edit job '\(job)': somebody else has changed it meanwhile; edit it again"
        case .cannotNeed(let job, let other, let why):
            "job '\(job)' would never begin behind '\(other)': \(why)"
        case .leaseGone(let job):
            "job '\(job)' is somebody else's by now, or over: what was done for it is not counted"
        case .invalid(let what): what
        case .inBatch(let place, let fault): "\(place): \(fault); nothing was added"
        }
    }
}

extension StoreFault {
    /// What SQLite's code of a failed call means; `call` is for a bug of ours.
    init(_ code: Int32, _ database: OpaquePointer?, path: String, call: String) {
        let number = database.map { csqlite_errno($0) } ?? 0
        switch code & 0xFF {
        case SQLITE_BUSY, SQLITE_LOCKED, SQLITE_PROTOCOL: self = .busy(path)
        case SQLITE_FULL: self = .full(path)
        case SQLITE_NOMEM: self = .outOfMemory(path)
        case SQLITE_READONLY, SQLITE_PERM, SQLITE_AUTH: self = .unreadable(path)
        case SQLITE_NOTADB: self = .notOurs(path, why: "it is no SQLite database")
        case SQLITE_CORRUPT: self = .damaged(path, what: "its pages do not fit together")
        case SQLITE_IOERR where number == ENOSPC || number == EDQUOT: self = .full(path)
        case SQLITE_IOERR:
            self = .failed(SystemFault(number == 0 ? EIO : number, "read or write", path))
        case SQLITE_CANTOPEN:
            self = .failed(SystemFault(number == 0 ? ENOENT : number, "open", path))
        default:
            let said = database.map { String(cString: sqlite3_errmsg($0)) } ?? "code \(code)"
            self = .bug("\(said) (\(code)) in '\(call)'")
        }
    }
}

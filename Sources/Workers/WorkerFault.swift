package import Smelt

/// What can go wrong between two machines.
package enum WorkerFault: Fault {
    case noTarget
    case badTarget
    /// Nobody answers there, or nobody who can be trusted; not now, then.
    case unreachable(String, reason: String)
    case refused(String, code: String, status: Int32, message: String)
    /// The run has been ended there, or will be.
    case lost(String, seconds: Double)
    case broken(String)
    /// Not from here.
    case stopped(String)
    case babbles(String, text: String)
    /// A long task on this side.
    case taskChanged(path: String)
    case resumes
    // On the far side:
    case gone(RunID)
    case endedHere(RunID)
    case otherProtocol(Int)
    case badJob(String)
    case badPack(String)
    case notBegun(String)
    case begunBefore(RunID)
    case stillEnding

    package var exit: Exit {
        switch self {
        case .noTarget, .badTarget: .usage
        case .unreachable, .stillEnding: .later
        case .refused(_, _, let status, _): Exit(rawValue: status) ?? .io
        case .lost, .broken, .stopped, .babbles, .badPack, .notBegun, .begunBefore: .io
        case .gone, .endedHere: .missing
        case .otherProtocol, .resumes: .unavailable
        case .badJob, .taskChanged: .invalid
        }
    }

    package var code: String {
        switch self {
        case .noTarget, .badTarget: "no_worker"
        case .unreachable: "unreachable"
        case .refused(_, let code, _, _): code
        case .lost: "line_lost"
        case .broken, .stopped, .babbles: "worker_broken"
        case .taskChanged: "task_changed"
        case .resumes: "resumes"
        case .gone: "gone"
        case .endedHere: "ended_here"
        case .otherProtocol: "other_protocol"
        case .badJob: "bad_job"
        case .badPack: "bad_pack"
        case .notBegun, .begunBefore: "not_begun"
        case .stillEnding: "still_ending"
        }
    }

    package var description: String {
        switch self {
        case .noTarget:
            "SMELT_WORKER names no worker: set it to an object such as {\"host\":\"builder\"}"
        case .badTarget: "SMELT_WORKER is no JSON object with a 'host'"
        case .unreachable(let worker, let reason):
            "could not reach the worker '\(Visible.line(worker))': \(reason)"
        case .refused(let worker, _, _, let message):
            "the worker '\(Visible.line(worker))' says: \(Visible.line(message))"
        case .lost(let worker, let seconds):
            "the line to the worker '\(Visible.line(worker))' was dead for more than "
                + "\(Quantity.describe(seconds: seconds)), and the run was ended there"
        case .broken(let worker):
            "the run on the worker '\(Visible.line(worker))' ended without a word: it was killed, or the "
                + "machine was started anew"
        case .stopped(let worker):
            "the run was ended on the worker '\(Visible.line(worker))', and not from here"
        case .babbles(let worker, let text):
            "the worker '\(Visible.line(worker))' sends what is no part of the run: '\(text)'"
        case .taskChanged(let path):
            "the task in '\(Visible.line(path))' is not the one that was planned: plan the run again"
        case .resumes:
            "could not go on with a run on a worker: its sessions' work is here, so unset SMELT_WORKER"
        case .gone(let run): "there is no run '\(run)' here any more"
        case .endedHere(let run): "the run '\(run)' was ended here"
        case .otherProtocol(let number):
            "this smelt-queue speaks protocol \(Greeting.protocolNumber), not \(number): install the same "
                + "version on both machines"
        case .badJob(let why): "could not read the job that was sent: \(why)"
        case .badPack(let why): "could not take in the repository that was sent: \(why)"
        case .notBegun(let why): "could not begin the run: \(why)"
        case .begunBefore(let run): "the run '\(run)' has been begun here before"
        case .stillEnding:
            "a former run of the job is still being ended here: try again later"
        }
    }
}

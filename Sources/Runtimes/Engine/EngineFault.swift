package import Smelt

/// What can go wrong with an engine.
package enum EngineFault: Fault, Equatable {
    /// The engine's command said no: what was tried, on what, and its own words.
    case refused(action: String, object: String, reason: String)
    /// It cannot be spoken with at all.
    case unreachable(engine: String, reason: String)
    case noProgram(String, image: String)
    case otherArchitecture(image: String, has: String, here: String)
    /// Asked for, and not to be had on this engine, by the names of the manifest.
    case unenforceable([String], reason: String)
    /// What the engine was asked for and what is not there, by the words of a kernel.
    case notConfined([String])
    /// Our own helper is not where smelt was installed.
    case noHelper(String)
    case gone(String)
    /// All containers that there are for it are in use, or have somebody's work.
    case noRoom(String)
    /// What another left in a container could not be removed.
    case notCleared(String)
    /// A job for a cluster does not say which.
    case noTarget(String)
    /// An environment of another engine than the one that answers now.
    case otherEngine(String, has: String, here: String)

    package var exit: Exit {
        switch self {
        case .refused, .unreachable, .noProgram, .otherArchitecture, .otherEngine, .notConfined,
            .unenforceable:
            .unavailable
        case .noTarget: .invalid
        case .noRoom: .later
        case .notCleared: .io
        case .noHelper: .misconfigured
        case .gone: .missing
        }
    }

    package var code: String {
        switch self {
        case .refused, .unreachable: "engine"
        case .noProgram, .otherArchitecture: "image"
        case .notConfined, .unenforceable: "not_enforceable"
        case .noHelper: "no_helper"
        case .gone: "place_gone"
        case .noRoom: "no_room"
        case .notCleared: "not_cleared"
        case .noTarget: "no_target"
        case .otherEngine: "other_engine"
        }
    }

    package var description: String {
        switch self {
        case .refused(let action, let object, let reason):
            "could not \(action) '\(object)': \(reason)"
        case .unreachable(let engine, let reason): "could not reach \(engine): \(reason)"
        case .noProgram(let program, let image):
            "could not use the image '\(image)': it has no '\(program)'"
        case .otherArchitecture(let image, let has, let here):
            "could not use the image '\(image)': it is for '\(has)', and this smelt for '\(here)'"
        case .unenforceable(let names, let reason):
            "could not enforce \(names.map { "'\($0)'" }.joined(separator: ", ")): \(reason)"
        case .notConfined(let names):
            "could not enforce \(names.map { "'\($0)'" }.joined(separator: ", ")): the engine did as asked, "
                + "and it is not there"
        case .noHelper(let path): "could not find 'smelt-inside' beside '\(path)'"
        case .noRoom(let name):
            "could not find a container for '\(name)': each has somebody at work, or work that was not "
                + "taken out"
        case .notCleared(let container):
            "could not remove what was left in the container '\(container)'"
        case .noTarget(let job): "could not tell where in a cluster '\(job)' is to run"
        case .gone(let name): "the container of '\(name)' is not there any more"
        case .otherEngine(let id, let has, let here):
            "could not clear away '\(id)': it is on the engine '\(has)', and '\(here)' answers"
        }
    }

    package var hint: String? {
        switch self {
        case .unreachable: "start it, or say where it is, as its own command wants it"
        case .noProgram: "an image needs 'sh' and 'git'"
        case .otherArchitecture: "choose an image, or an engine, of this machine's kind"
        case .unenforceable: "leave it out, or go on without it with --best-effort"
        case .notConfined: "look at the engine's settings, or go on without it with --best-effort"
        case .noHelper: "install smelt whole"
        case .otherEngine: "run this with the settings of that engine, as DOCKER_HOST or KUBECONFIG"
        default: nil
        }
    }
}

package import Smelt

/// What can go wrong with an engine.
package enum EngineFault: Fault, Equatable {
    /// The engine's command said no: what was tried, on what, and its own words.
    case refused(action: String, object: String, reason: String)
    /// It cannot be spoken with at all.
    case unreachable(engine: String, reason: String)
    case noProgram(String, image: String)
    case otherArchitecture(image: String, has: String, here: String)
    /// Our own helper is not where smelt was installed.
    case noHelper(String)
    case gone(String)
    /// An environment of another engine than the one that answers now.
    case otherEngine(String, has: String, here: String)

    package var exit: Exit {
        switch self {
        case .refused, .unreachable, .noProgram, .otherArchitecture, .otherEngine: .unavailable
        case .noHelper: .misconfigured
        case .gone: .missing
        }
    }

    package var code: String {
        switch self {
        case .refused, .unreachable: "engine"
        case .noProgram, .otherArchitecture: "image"
        case .noHelper: "no_helper"
        case .gone: "place_gone"
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
        case .noHelper(let path): "could not find 'smelt-inside' beside '\(path)'"
        case .gone(let name): "the container of '\(name)' is not there any more"
        case .otherEngine(let id, let has, let here):
            "could not clear away '\(id)': it is on the engine '\(has)', and '\(here)' answers"
        }
    }

    package var hint: String? {
        switch self {
        case .unreachable: "start it, or say where it is, as its own command wants it"
        case .noProgram: "an image needs 'sh', 'git' and 'tar'"
        case .otherArchitecture: "choose an image, or an engine, of this machine's kind"
        case .noHelper: "install smelt whole"
        case .otherEngine: "run this with the settings of that engine, as DOCKER_HOST"
        default: nil
        }
    }
}

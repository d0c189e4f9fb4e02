internal import Glibc

/// Something that stops a command. Its description is one sentence for people: lower case, no full
/// stop, what could not be done, the object in quotes, the reason, and the remedy when it is known.
package protocol Fault: Error, CustomStringConvertible, Sendable {
    /// The status that the command ends with.
    var exit: Exit { get }
    /// A stable word for programs, in `failed` records.
    var code: String { get }
    /// What to do about it, when the sentence does not already say.
    var hint: String? { get }
    /// Before then there is no sense in another try; nil when that is not known.
    var notBefore: Timestamp? { get }
}

extension Fault {
    package var hint: String? { nil }
    package var notBefore: Timestamp? { nil }

    package var code: String {
        switch exit {
        case .done, .no, .gateFailed: "failed"
        case .usage: "usage"
        case .invalid: "invalid"
        case .missing: "missing"
        case .unavailable: "unavailable"
        case .bug: "bug"
        case .io: "io"
        case .later: "later"
        case .refused: "refused"
        case .misconfigured: "misconfigured"
        case .interrupted, .terminated: "cancelled"
        case .unheard: "unheard"
        }
    }
}

/// The caller's words on the command line are wrong; the usage line is printed after the sentence.
package struct Usage: Fault {
    package let description: String
    package var exit: Exit { .usage }

    package init(_ description: String) {
        self.description = description
    }
}

/// A system call that failed on something with a name.
package struct SystemFault: Fault, Equatable {
    /// The value of `errno`, read first.
    package let number: Int32
    package let action: String
    package let object: String

    /// `errno` is read as the first argument, before anything else can change it.
    package init(_ number: Int32 = errno, _ action: String, _ object: String) {
        self.number = number
        self.action = action
        self.object = object
    }

    package var exit: Exit {
        switch number {
        case ENOENT, ENOTDIR: .missing
        case EACCES, EPERM: .refused
        case EAGAIN, EMFILE, ENFILE, ENOMEM: .later
        default: .io
        }
    }

    package var reason: String { String(cString: strerror(number)) }

    package var description: String { "could not \(action) '\(object)': \(reason)" }
}

/// Stopped on request: INT, TERM, or nobody reads our output.
package struct Cancelled: Fault {
    package let exit: Exit
    package var code: String { "cancelled" }
    package var description: String { "cancelled" }

    package init(_ exit: Exit) {
        self.exit = exit
    }
}

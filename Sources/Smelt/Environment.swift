@preconcurrency internal import Glibc

/// The variables that this process was started with.
package enum Environment {
    package static subscript(_ name: String) -> String? {
        getenv(name).map { String(cString: $0) }
    }

    /// The value, or nil where it is unset or empty, which the XDG rules treat alike.
    package static func nonEmpty(_ name: String) -> String? {
        self[name].flatMap { $0.isEmpty ? nil : $0 }
    }

    /// All of them, as `posix_spawn` wants them.
    package static var all: [String] {
        var variables: [String] = []
        var next = environ
        while let entry = next.pointee {
            variables.append(String(cString: entry))
            next += 1
        }
        return variables
    }
}

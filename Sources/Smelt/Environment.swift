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

    /// All but those with the names `hidden`, and besides `others`, `NAME=value`, instead of what else has their names.
    package static func all(without hidden: Set<String> = [], with others: [String] = [])
        -> [String]
    {
        func name(_ entry: String) -> String { String(entry.prefix { $0 != "=" }) }
        let left = hidden.union(others.map(name))
        return all.filter { !left.contains(name($0)) } + others
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

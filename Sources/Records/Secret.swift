package import Smelt

/// The values of the variables that a manifest names. They are looked up at the moment of use and
/// are never part of a record.
package enum Secret {
    /// The value of a variable of this machine; an empty one counts as unset.
    package static func value(of variable: String) throws(SecretFault) -> String {
        guard let value = Environment.nonEmpty(variable) else { throw .unset(variable) }
        // What is not looked for in output and results cannot be kept out of them.
        guard !SecretVariants.spellings(of: Array(value.utf8)).isEmpty else {
            throw .tooShort(variable)
        }
        return value
    }
}

extension Credentials {
    /// What the sessions get: names inside, of variables and of files, to values. The fault names the first variable
    /// that cannot be used.
    package func values() throws(SecretFault) -> (env: [String: String], files: [String: String]) {
        (try Self.values(of: env), try Self.values(of: files ?? [:]))
    }

    private static func values(of names: [String: String]) throws(SecretFault) -> [String: String] {
        var values: [String: String] = [:]
        for (name, variable) in names.sorted(by: { $0.key < $1.key }) {
            values[name] = try Secret.value(of: variable)
        }
        return values
    }
}

/// Why a credential cannot be used.
package enum SecretFault: Fault {
    case unset(String)
    case tooShort(String)

    package var exit: Exit { .misconfigured }

    package var code: String {
        switch self {
        case .unset: "no_credential"
        case .tooShort: "short_credential"
        }
    }

    package var description: String {
        switch self {
        case .unset(let variable): "the variable '\(variable)' is not set: export it"
        case .tooShort(let variable):
            "the value of '\(variable)' is shorter than \(SecretVariants.shortest) bytes: masking it would "
                + "mask everything, use a real secret"
        }
    }
}

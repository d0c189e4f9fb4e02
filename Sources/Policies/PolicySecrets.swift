internal import Sandbox
internal import Smelt
internal import Toml

/// The key `secret`: names of files inside, and where each is read from when the command is started.
extension PolicyReader {
    func readSecrets() -> [Said<Policy.Secret>] {
        table.map("secret").compactMap { name, place, found in
            guard SafeName.isPlain(name) else {
                findings.complain(place, "secret: '\(name)' cannot be the name of a file")
                return nil
            }
            return source(found).map { Said(Policy.Secret(name: name, source: $0), origin(found)) }
        }
    }

    /// What is wrong is not quoted: it may be the secret itself.
    private func source(_ found: Found<String>) -> KeptSecrets.Source? {
        let parts = found.value.split(separator: ":", maxSplits: 1).map(String.init)
        switch (parts.first, parts.count) {
        case ("env", 2) where EnvironmentNames.isVariable(parts[1]): return .variable(parts[1])
        case ("file", 2):
            let name = Found(value: parts[1], place: found.place, path: found.path)
            return path(name).map { .file($0) }
        case ("fd", 2):
            findings.complain(
                found.place,
                "\(found.path): a descriptor is the call's to name: --secret NAME=fd:N")
        default:
            findings.complain(
                found.place,
                "\(found.path) must be env:VARIABLE or file:PATH, where the secret is, never the secret"
            )
        }
        return nil
    }
}

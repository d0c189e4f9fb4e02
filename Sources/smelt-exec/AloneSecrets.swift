import Policies
import Sandbox
import Smelt

/// `--secret NAME=PLACE`: what must be inside, as a file that is only there.
enum AloneSecret {
    static let kind = Kind<Policy.Secret>(
        "NAME=env:VARIABLE|file:PATH|fd:N",
        wants: "NAME=env:VARIABLE, NAME=file:PATH or NAME=fd:N, with a name for a file"
    ) { text in
        guard let equals = text.firstIndex(of: "="),
            let colon = text[equals...].firstIndex(of: ":")
        else { return nil }
        let name = String(text[..<equals])
        let place = String(text[text.index(after: colon)...])
        guard SafeName.isPlain(name), !place.isEmpty else { return nil }
        switch text[text.index(after: equals)..<colon] {
        case "env": return Policy.Secret(name: name, source: .variable(place))
        case "file": return Policy.Secret(name: name, source: .file(place))
        case "fd":
            return AloneOptions.descriptor(place).map {
                Policy.Secret(name: name, source: .descriptor($0))
            }
        default: return nil
        }
    }

    /// Takes all of them to where no copy of this process has them.
    @discardableResult
    static func keep(_ policy: Policy) throws -> [Grant] {
        let lost = Lost()
        var grants: [Grant] = []
        for said in policy.secrets {
            let secret = said.value
            do throws(KeptSecretFault) {
                grants.append(.secret(from: try KeptSecrets.keep(secret.source), name: secret.name))
            } catch {
                guard let origin = said.origin else {
                    throw AloneFault.noSecret(secret.name, error)
                }
                lost.add(origin, "\(error)")
            }
        }
        try lost.check()
        return grants
    }

    /// The descriptors that they name.
    static func descriptors(_ words: Words) -> [Int32] {
        words.all(AloneOptions.secret).compactMap {
            if case .descriptor(let number) = $0.source { number } else { nil }
        }
    }
}

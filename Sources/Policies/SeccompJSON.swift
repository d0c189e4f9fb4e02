internal import FoundationEssentials
package import Records
package import Sandbox

extension SeccompPolicy {
    /// As a plan of smelt-exec(1) has it: a profile's name, or an object.
    package var json: JSONValue? {
        guard let text = try? JSONEncoder().encode(self) else { return nil }
        return try? JSONDecoder().decode(JSONValue.self, from: text)
    }
}

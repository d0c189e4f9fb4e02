/// One workspace on an engine.
package struct EnginePlace: Codable, Equatable, Sendable {
    package enum Kind: String, Codable, Sendable { case session, gate }

    package var kind: Kind
    /// Of its directory in the environment's, in letters, digits, '.', '_' and '-'.
    package var name: String

    package init(_ kind: Kind, _ name: String) {
        self.kind = kind
        self.name = name
    }

    /// Inside, on every engine. Each is a directory of the session's user that outlives its container where the engine
    /// has volumes.
    package static let workspace = "\(volume)/workspace"
    package static let home = "\(volume)/home"
    /// Where a session starts from others' work: an objects' directory with it, of which the session has a copy.
    package static let start = "\(volume)/start"
    /// What of it is on disk.
    package static let volume = "/smelt"
    /// Read-only, shared by all places: `objects` and `smelt-inside`.
    package static let base = "/run/smelt/base"
    package static let objects = "\(base)/objects"
    package static let program = "\(base)/smelt-inside"
    /// In memory, the user's own: what smelt writes there for a program. `base` is below it.
    package static let memory = "/run/smelt"
    /// In memory, for the user alone.
    package static let secrets = "/run/secrets"
    /// Where listeners are sent from, where the engine is on this host: a directory that is `door` beside the parcel.
    package static let door = "/run/smelt/door"
    package static let doorName = "listeners"
}

package import Records
package import Sandbox
package import Toml

/// Where a file says something.
package struct Origin: Equatable, Sendable {
    /// As the caller named it, or as it is named from there.
    package let file: String
    package let place: Place
    /// The key, as people write it: `read_only[0]`.
    package let path: String

    /// `FILE:LINE:COLUMN`.
    package var text: String { "\(file):\(place.line):\(place.column)" }
}

/// A value, and where it was said.
package struct Said<Value: Sendable>: Sendable {
    package let value: Value
    /// Nil on the command line.
    package let origin: Origin?

    package init(_ value: Value, _ origin: Origin? = nil) {
        (self.value, self.origin) = (value, origin)
    }
}

/// What a command may touch and use, as a file says it, several of them together, or the options of a command line.
/// What nobody said is absent. smelt-policy(5) is its page; a `Plan` is what comes of it on a host.
///
/// Paths of the host are absolute where a file says them, and as they were written on a command line.
package struct Policy: Sendable {
    package struct Bind: Equatable, Sendable {
        package let source: String
        /// Inside.
        package let target: String
        package let isReadOnly: Bool

        package init(source: String, target: String, isReadOnly: Bool) {
            (self.source, self.target, self.isReadOnly) = (source, target, isReadOnly)
        }
    }

    package struct Memory: Equatable, Sendable {
        /// Inside.
        package let target: String
        package let sizeBytes: Int

        /// What a directory in memory has when nobody says how much.
        package static let usual = 256 << 20

        package init(target: String, sizeBytes: Int = Memory.usual) {
            (self.target, self.sizeBytes) = (target, sizeBytes)
        }
    }

    /// What must be inside, as the file `/run/secrets/NAME`. The secret itself is nowhere in a policy.
    package struct Secret: Equatable, Sendable {
        /// Of a file.
        package let name: String
        package let source: KeptSecrets.Source

        package init(name: String, source: KeptSecrets.Source) {
            (self.name, self.source) = (name, source)
        }
    }

    package enum Variable: Equatable, Sendable {
        case value(String)
        /// The caller's, at the moment of use.
        case handedOn
    }

    package var readOnly: [Said<String>] = []
    package var readWrite: [Said<String>] = []
    package var binds: [Said<Bind>] = []
    package var memory: [Said<Memory>] = []
    package var devices: [Said<String>] = []
    package var hidden: [Said<String>] = []
    package var masked: [Said<String>] = []
    /// Where no symbolic link is followed.
    package var linkless: [Said<String>] = []
    package var root: Said<String>?
    package var hostname: String?
    package var directory: String?
    package var variables: [String: Said<Variable>] = [:]
    /// No variables but these.
    package var clearsVariables: Bool?
    package var limits = Limits()
    package var graceSeconds: Double?
    package var stopSignal: Int32?
    /// By the names of `ResourceLimits.kinds`.
    package var resourceLimits: [String: UInt64] = [:]
    package var capabilities: [String] = []
    package var mapsUsers: Bool?
    package var landlock: Landlock.Use?
    package var seccomp: SeccompPolicy?
    /// Where rules or brokers are said and no mode, it is `allow`.
    package var mode: Records.Network.Mode?
    /// Rules as people write them.
    package var rules: [String] = []
    package var brokers: [Broker] = []
    package var resolvers: [String] = []
    package var trafficBytes: Int?
    package var secrets: [Said<Secret>] = []
    package var terminal: Bool?
    package var bestEffort: Bool?
    /// Whether it is told which files and addresses were refused.
    package var tracesDenials: Bool?
    /// Where single values were said, by their key.
    package var origins: [String: Origin] = [:]

    package init() {}

    /// What must be there on the host.
    package var sources: [Said<String>] {
        readOnly + readWrite + binds.map { Said($0.value.source, $0.origin) } + devices
            + (root.map { [$0] } ?? [])
    }
}

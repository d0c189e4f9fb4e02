internal import FoundationEssentials

/// A machine that runs are sent to, and how: what `SMELT_WORKER` holds, as a JSON object. See smelt-queue(1).
package struct WorkerTarget: Codable, Equatable, Sendable {
    /// What becomes of a run whose line stays dead.
    package enum Disconnect: String, Codable, Sendable, CaseIterable {
        /// It is ended after the grace; what its sessions did until then is kept there.
        case end
        /// It goes on to its end and is collected when the line is back.
        case finish
    }

    /// As the user's ssh knows it.
    package var host: String
    package var user: String?
    package var port: Int?
    /// The variable that holds the path of the key.
    package var keyEnv: String?
    /// smelt-queue there; by default what its PATH has.
    package var command: String?
    package var onDisconnect: Disconnect?
    /// For how long the line may be dead, seconds.
    package var graceSeconds: Double?
    /// For how long ssh may try to connect, seconds.
    package var connectSeconds: Double?

    package init(host: String) { self.host = host }

    package static let defaultGrace = 60.0
    package static let defaultConnect = 3.0

    package var disconnect: Disconnect { onDisconnect ?? .end }
    package var grace: Double { graceSeconds ?? Self.defaultGrace }
    package var connect: Double { connectSeconds ?? Self.defaultConnect }

    /// How people and the store know it: `[USER@]HOST[:PORT]`.
    package var name: String {
        (user.map { "\($0)@" } ?? "") + host + (port.map { ":\($0)" } ?? "")
    }

    package static let variable = "SMELT_WORKER"

    /// Nil where the text is no such object.
    package init?(json text: String) {
        guard let target = try? JSONDecoder().decode(Self.self, from: Data(text.utf8)) else {
            return nil
        }
        self = target
    }

    package var json: String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return (try? encoder.encode(self)).map { String(decoding: $0, as: UTF8.self) } ?? "{}"
    }
}

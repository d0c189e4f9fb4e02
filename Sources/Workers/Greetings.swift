internal import FoundationEssentials
internal import Records
internal import Smelt

/// What the near side begins with.
struct Greeting: Codable {
    enum Purpose: String, Codable { case probe, run }

    /// Of these frames; another number is another language.
    static let protocolNumber = 2

    var number = Greeting.protocolNumber
    var version = smeltVersion
    var purpose: Purpose
    var run: String?
    /// Of the queue; a run of it that is left from before is ended.
    var job: String?
    /// The run has begun there for sure: not to be begun another time.
    var isBegun = false
    /// Bytes that have arrived of either file.
    var records = 0
    var errors = 0
    var onDisconnect = WorkerTarget.Disconnect.end
    var graceSeconds = WorkerTarget.defaultGrace
    /// Between two pulses.
    var pulseSeconds = 5.0
}

/// The far side's answer.
struct Welcome: Codable {
    var number = Greeting.protocolNumber
    var version = smeltVersion
    /// The run is there, and the job need not be sent.
    var isThere = false
    /// Base commits that need not be sent, either.
    var known: [String] = []
}

/// Why the far side does not do it.
struct Refusal: Codable {
    var code: String
    var status: Int32
    var message: String

    init(_ fault: any Fault) {
        (code, status, message) = (fault.code, fault.exit.rawValue, "\(fault)")
    }
}

struct Over: Codable {
    /// It ended without its last words: its supervisor was killed, or the machine was started anew.
    var isBroken: Bool
}

enum Wire {
    static func bytes(_ value: some Encodable) -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return (try? encoder.encode(value)).map { Array($0) } ?? []
    }

    static func read<T: Decodable>(_ type: T.Type, _ bytes: [UInt8]) throws -> T {
        do { return try JSONDecoder().decode(type, from: Data(bytes)) } catch {
            throw LineFault.strange(Visible.line(String(decoding: bytes.prefix(80), as: UTF8.self)))
        }
    }
}

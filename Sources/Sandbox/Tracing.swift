internal import CSystem
internal import FoundationEssentials
internal import Glibc
internal import Smelt

/// A `Tracer` at work for one sandbox, in a process of its own. Let go, it is killed, and with it what it traces.
struct Tracing: ~Copyable, Sendable {
    private let tracer: Coprocess
    /// What it notes; its end is the tracer's.
    private let words: Descriptor

    /// Starts it. The command asks to be traced on `childsEnd`, which the caller closes.
    static func start(
        _ layout: Layout, isConfined: Bool, _ childsEnd: inout Int32
    ) throws(SandboxFault) -> Tracing {
        let order = Tracer.Order(hidden: layout.covered, isConfined: isConfined)
        let ends = try Terminal.sockets(for: .trace)
        childsEnd = ends.childs
        defer { close(ends.ours) }
        do {
            let pipe = try Descriptor.pipe()
            let writing = Descriptor(owning: pipe.writing)
            let reading = Descriptor(owning: pipe.reading)
            // Before anything can be sent on it.
            guard system_ask_senders(ends.ours) == 0 else {
                throw SystemFault(errno, "make", "a socket")
            }
            let message = try JSONEncoder().encode(order)
            let sent = message.withUnsafeBytes { raw in
                retrying { send(ends.childs, raw.baseAddress, raw.count, 0) }
            }
            guard message.count <= Tracer.longestOrder, sent == message.count else {
                throw SystemFault(EMSGSIZE, "tell", "the tracer")
            }
            // This very program, whatever is at its place by now.
            var command = Command("/proc/self/exe", "--tracer")
            command.environment = []
            command.input = .descriptor(ends.ours)
            command.output = .descriptor(writing.number)
            return Tracing(tracer: try command.start(), words: reading)
        } catch {
            throw .notTraced("\(error)")
        }
    }

    /// What it noted, once everything inside has ended; nil when it was ended before.
    consuming func finish() -> [Tracer.Word]? {
        let bytes = try? words.readAll(upTo: Self.most, name: "what was traced")
        guard tracer.finish() == .exited(code: 0), let bytes else { return nil }
        return bytes.split(separator: 10).compactMap {
            try? JSONDecoder().decode(Tracer.Word.self, from: Data($0))
        }
    }

    /// More than it ever writes, bytes.
    private static let most = 16 << 20
}

extension Layout {
    /// Where something empty lies over what the host has.
    fileprivate var covered: [String] {
        mounts.compactMap { target, mount in
            switch mount {
            case .hide, .mask: target
            default: nil
            }
        }
    }
}

internal import Glibc
internal import Smelt

/// What the two sides of a line say to each other: a byte that says what, four of the length, the most significant first, and so
/// many more.
struct Frame {
    enum Kind: UInt8 {
        /// Who speaks, and what for: `Greeting`, `Welcome`.
        case hello = 0x48
        /// Instead of an answer: `Refusal`.
        case refusal = 0x46
        /// A piece of the repository's pack; an empty one is its end.
        case pack = 0x50
        /// Variables and their values, a JSON object.
        case secrets = 0x53
        /// A piece of a session's task that is too long for a record: four bytes of the session's place in the plan, the most
        /// significant first, and text.
        case spec = 0x54
        /// The record `run.planned`.
        case job = 0x4A
        /// The run has begun.
        case begun = 0x47
        /// More of the run's records, and of what its programs complained.
        case records = 0x52
        case errors = 0x45
        /// Either side lives.
        case pulse = 0x2E
        /// The run is to stop; at once.
        case cancel = 0x43
        case kill = 0x4B
        /// All records are there: `Over`.
        case over = 0x4F
        /// The sessions' bundles are wanted; the name of one; a piece of it; there are no more.
        case want = 0x57
        case bundle = 0x4E
        case piece = 0x44
        case all = 0x5A
        /// Everything has arrived, nothing need be kept.
        case done = 0x58
    }

    let kind: Kind
    let payload: [UInt8]

    /// Bytes; a record is no longer than half of it.
    static let longest = 2 << 20
    static let piece = 64 << 10
}

/// Why a line cannot be spoken over any more.
enum LineFault: Error {
    case ended
    case silent(seconds: Double)
    /// Something came that is none of our frames: its first bytes, made visible.
    case strange(String)
}

/// One side of a line. Neither reading nor writing waits for ever: who neither takes nor says anything for `patience` seconds is
/// gone. Who sends listens meanwhile: what comes is kept for `next`.
final class FrameLine {
    let input: Int32
    private let output: Int32
    private var buffer: [UInt8] = []
    private var start = 0
    private(set) var isAtEnd = false
    /// When something came last, in monotonic seconds.
    private(set) var heard = monotonicSeconds()
    var patience: Double
    /// While a frame waits to be sent: something has come, and can be taken with `next`. Must not send.
    var whileSending: (() throws(LineFault) -> Void)?
    /// Read while a frame waits to be sent, too.
    var complaints: Complaints?

    /// So much is kept of what nobody takes, bytes.
    private static let mostKept = 4 << 20

    /// Both stay the caller's, and never wait from now on.
    init(input: Int32, output: Int32, patience: Double) {
        self.input = input
        self.output = output
        self.patience = patience
        for number in [input, output] {
            _ = fcntl(number, F_SETFL, fcntl(number, F_GETFL) | O_NONBLOCK)
        }
    }

    func send(_ kind: Frame.Kind, _ payload: some Collection<UInt8> = []) throws(LineFault) {
        let count = UInt32(payload.count)
        var bytes = [
            kind.rawValue, UInt8(count >> 24), UInt8(count >> 16 & 0xff), UInt8(count >> 8 & 0xff),
            UInt8(count & 0xff),
        ]
        bytes.append(contentsOf: payload)
        var sent = 0
        var took = monotonicSeconds()
        while sent < bytes.count {
            let taken = bytes.withUnsafeBytes { raw in
                retrying { write(output, raw.baseAddress.map { $0 + sent }, raw.count - sent) }
            }
            if taken < 0 {
                guard errno == EAGAIN else { throw .ended }
                try waitToSend(since: took)
                continue
            }
            sent += taken
            took = monotonicSeconds()
        }
    }

    private func waitToSend(since took: Double) throws(LineFault) {
        let left = max(took, heard) + patience - monotonicSeconds()
        guard left > 0 else { throw .silent(seconds: patience) }
        let listens = !isAtEnd && buffer.count - start < Self.mostKept
        var waiting = [
            pollfd(fd: output, events: Int16(POLLOUT), revents: 0),
            pollfd(fd: listens ? input : -1, events: Int16(POLLIN), revents: 0),
            pollfd(fd: complaints?.descriptor ?? -1, events: Int16(POLLIN), revents: 0),
        ]
        _ = poll(&waiting, 3, Int32(min(left * 1000 + 1, 1e9)))
        if waiting[0].revents & Int16(POLLERR) != 0 { throw .ended }
        if waiting[2].revents != 0 { complaints?.take() }
        if waiting[1].revents != 0 {
            fill()
            try whileSending?()
        }
    }

    /// Reads what is there; nothing is no fault.
    func fill() {
        if start == buffer.count { (buffer, start) = ([], 0) }
        var chunk = [UInt8](repeating: 0, count: 1 << 17)
        let count = retrying { read(input, &chunk, chunk.count) }
        if count > 0 {
            heard = monotonicSeconds()
            return buffer.append(contentsOf: chunk[..<count])
        }
        if count == 0 || errno != EAGAIN { isAtEnd = true }
    }

    /// What the next frame is, once its first byte is here.
    var nextKind: Frame.Kind? {
        start < buffer.count ? Frame.Kind(rawValue: buffer[start]) : nil
    }

    /// The next whole frame of what was read; nil when there is none yet. The end is a fault, once all before it was given.
    func next() throws(LineFault) -> Frame? {
        let rest = buffer[start...]
        guard rest.count >= 5 else {
            if isAtEnd { throw rest.isEmpty ? .ended : .strange(Self.text(rest)) }
            return nil
        }
        let head = Array(rest.prefix(5))
        let length = head[1...].reduce(0) { $0 << 8 | Int($1) }
        guard let kind = Frame.Kind(rawValue: head[0]), length <= Frame.longest else {
            throw .strange(Self.text(rest))
        }
        guard rest.count >= 5 + length else {
            if isAtEnd { throw .ended }
            return nil
        }
        let from = start + 5
        start = from + length
        let frame = Frame(kind: kind, payload: Array(buffer[from..<start]))
        if start > 1 << 20 {
            buffer.removeFirst(start)
            start = 0
        }
        return frame
    }

    private static func text(_ bytes: ArraySlice<UInt8>) -> String {
        Visible.line(String(decoding: bytes.prefix(80), as: UTF8.self))
    }

    /// Waits for the next frame, at most so many seconds.
    func receive(within seconds: Double) throws -> Frame {
        let deadline = monotonicSeconds() + seconds
        while true {
            if let frame = try next() { return frame }
            let left = deadline - monotonicSeconds()
            guard left > 0 else { throw LineFault.silent(seconds: seconds) }
            var waiting = [
                pollfd(fd: input, events: Int16(POLLIN), revents: 0),
                pollfd(fd: Interruption.descriptor, events: Int16(POLLIN), revents: 0),
                pollfd(fd: complaints?.descriptor ?? -1, events: Int16(POLLIN), revents: 0),
            ]
            _ = poll(&waiting, 3, Int32(min(left * 1000 + 1, 1e9)))
            if waiting[2].revents != 0 { complaints?.take() }
            if waiting[0].revents != 0 { fill() } else { try Interruption.check() }
        }
    }
}

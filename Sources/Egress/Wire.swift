internal import CEgress
internal import Glibc

/// Who owns a wire and moves what comes on it.
protocol WireOwner: AnyObject {
    /// There may be something to receive.
    func arrived(on wire: Wire)
    /// Everything that was to be sent is with the kernel.
    func drained(_ wire: Wire)
    /// The other end has gone while nothing was waited for.
    func broke(_ wire: Wire)
}

/// One end of a connection, plain or in TLS, that never waits.
final class Wire: Watcher {
    enum Received {
        /// So many bytes in the loop's buffer.
        case bytes(Int)
        case nothing
        case end
        case broken
    }

    let number: Int32
    private let loop: Loop
    /// Nil until somebody waits for something.
    private var mark: UInt64?
    /// The loop has watched this descriptor for somebody before.
    private let isKnown: Bool
    weak var owner: (any WireOwner)?
    private var tls: OpaquePointer?
    private var unsent: [UInt8] = []
    private var sent = 0
    private var waitsToRead = false
    private var waitsToWrite = false
    private var isClosing = false
    private(set) var isClosed = false
    private(set) var isBroken = false
    /// Bytes that came and went.
    private(set) var traffic = 0

    /// What is held for a slow reader before its writer is no longer read from.
    static let most = 65_536

    init(_ number: Int32, _ loop: Loop, known: Bool = false) {
        self.number = number
        self.loop = loop
        isKnown = known
    }

    deinit { close() }

    /// From now on everything is encrypted; the handshake is over.
    func encrypt(_ tls: OpaquePointer) { self.tls = tls }

    var backlog: Int { unsent.count - sent }
    var isFull: Bool { backlog >= Self.most }

    /// Whether `arrived` is wanted.
    var reads: Bool {
        get { waitsToRead }
        set {
            guard newValue != waitsToRead, !isClosed else { return }
            waitsToRead = newValue
            watch()
        }
    }

    /// Has the loop wait for what we wait for; also for nothing, which still tells of a broken connection.
    func watch() {
        if let mark {
            loop.change(number, mark, reading: waitsToRead, writing: waitsToWrite)
        } else {
            mark = loop.watch(
                number, reading: waitsToRead, writing: waitsToWrite, self, known: isKnown)
        }
    }

    private func waitToWrite(_ wanted: Bool) {
        guard wanted != waitsToWrite, !isClosed else { return }
        waitsToWrite = wanted
        watch()
    }

    func ready(reading: Bool, writing: Bool) {
        // An owner may let go of us meanwhile.
        let owner = owner
        if writing, backlog > 0 || waitsToWrite {
            push()
            if !isClosed, backlog == 0 { owner?.drained(self) }
        }
        // Errors and ends are told also to those who wait for nothing, again and again.
        if reading, !waitsToRead, !waitsToWrite, !isClosed { owner?.broke(self) }
        if reading, waitsToRead, !isClosed {
            owner?.arrived(on: self)
            // What is decrypted already is not seen by the kernel.
            while let tls, !isClosed, waitsToRead, egress_tls_holds(tls) {
                owner?.arrived(on: self)
            }
        }
    }

    func receive(atMost most: Int = .max) -> Received {
        guard !isClosed, let start = loop.buffer.baseAddress else { return .broken }
        let bytes = start.assumingMemoryBound(to: UInt8.self)
        let room = min(most, loop.buffer.count)
        let count: Int
        if let tls {
            count = egress_tls_read(tls, bytes, room)
            if count == Int(EGRESS_TLS_READ) || count == Int(EGRESS_TLS_WRITE) { return .nothing }
        } else {
            count = recv(number, bytes, room, 0)
        }
        if count > 0 {
            traffic += count
            return .bytes(count)
        }
        if count == 0 { return .end }
        return errno == EAGAIN || errno == EINTR ? .nothing : .broken
    }

    func send(_ bytes: UnsafeRawBufferPointer) {
        guard !isClosed, !isBroken, !bytes.isEmpty else { return }
        var done = 0
        if backlog == 0 {
            done = offer(bytes)
            if done == bytes.count { return }
        }
        unsent.append(contentsOf: UnsafeRawBufferPointer(rebasing: bytes[done...]))
        waitToWrite(true)
    }

    func send(_ bytes: some Collection<UInt8>) {
        Array(bytes).withUnsafeBytes { send($0) }
    }

    private func push() {
        guard backlog > 0 else { return waitToWrite(false) }
        let done = unsent.withUnsafeBytes {
            offer(UnsafeRawBufferPointer(rebasing: $0[sent...]))
        }
        sent += done
        if backlog == 0 || isBroken {
            unsent.removeAll(keepingCapacity: unsent.count <= Self.most * 2)
            sent = 0
            waitToWrite(false)
            if isClosing { shutdown(number, Int32(SHUT_WR)) }
        } else if sent > Self.most {
            unsent.removeFirst(sent)
            sent = 0
        }
    }

    /// As much as is taken at once.
    private func offer(_ bytes: UnsafeRawBufferPointer) -> Int {
        guard let start = bytes.baseAddress?.assumingMemoryBound(to: UInt8.self) else { return 0 }
        var done = 0
        while done < bytes.count {
            let count: Int
            if let tls {
                count = egress_tls_write(tls, start + done, bytes.count - done)
                if count == Int(EGRESS_TLS_READ) || count == Int(EGRESS_TLS_WRITE) { break }
            } else {
                count = egress_send(number, start + done, bytes.count - done)
            }
            if count <= 0 {
                if count < 0, errno == EAGAIN { break }
                // Seen by the reading side, too; what is to be sent goes nowhere.
                isBroken = true
                return bytes.count
            }
            traffic += count
            done += count
        }
        return done
    }

    /// Nothing more is sent than what was.
    func finish() {
        guard !isClosing, !isClosed else { return }
        isClosing = true
        if backlog == 0 { shutdown(number, Int32(SHUT_WR)) }
    }

    func close(reset: Bool = false) {
        guard !isClosed else { return }
        isClosed = true
        if let mark { loop.forget(mark) }
        if let tls { egress_tls_end(tls) }
        tls = nil
        if reset { egress_reset(number) } else { Glibc.close(number) }
    }
}

internal import Glibc
internal import Smelt

/// The file `smelt.db-spool` beside the store: where one job is put without opening the store, which takes longer than all else
/// that adding it costs. Its room is made with it, so that a sync writes nothing but what was added. Whoever opens the store next
/// takes in what lies there, and the daemon does when the bell rings.
///
/// Behind a head, "smelt.db-spool 1" and a random number of eight bytes, lie entries: that number again, the length of the text
/// in eight bytes, FNV-1a of both and of the text (64 bits; Fowler, Noll and Vo), the text. The first that is not so is none, and ends them: it was
/// never acknowledged, or is of a time before the head got another number, which is how all of them are removed at once.
final class Spool {
    static let size = 1 << 14
    private static let magic = Array("smelt.db-spool 1".utf8)
    private static let start = 24
    private static let headOfEntry = 24

    let path: String
    private let file: Descriptor
    /// All of the file, as it was when the lock was got.
    private(set) var bytes: [UInt8] = []

    static func path(of store: String) -> String { "\(store)-spool" }

    /// The spool beside that store, locked; nil where there is none, or when nobody lets go of it in time.
    init?(of store: String, patience: Int32 = 0) throws(StoreFault) {
        path = Self.path(of: store)
        do throws(SystemFault) { file = try Descriptor(opening: path, O_RDWR | O_NOFOLLOW) } catch {
            if error.number == ENOENT { return nil }
            throw .failed(error)
        }
        var waited: Int32 = 0
        while flock(file.number, LOCK_EX | LOCK_NB) != 0 {
            guard errno == EWOULDBLOCK || errno == EINTR else {
                throw .failed(SystemFault(errno, "lock", path))
            }
            guard waited < patience else { return nil }
            poll(nil, 0, Self.turn)
            waited += Self.turn
        }
        bytes = [UInt8](repeating: 0, count: Self.size)
        let file = file.number
        let count = retrying { pread(file, &bytes, Self.size, 0) }
        guard count >= 0 else { throw .failed(SystemFault(errno, "read", path)) }
    }

    /// Who has it lets go after one sync: in milliseconds.
    private static let turn: Int32 = 2

    deinit { flock(file.number, LOCK_UN) }

    /// Makes one without a head, to which nobody adds, unless somebody else just did.
    static func make(of store: String) throws(SystemFault) {
        do throws(SystemFault) {
            try Files.replace(
                path(of: store), with: [UInt8](repeating: 0, count: size), exclusive: true)
        } catch  where error.number == EEXIST {}
    }

    enum State {
        case missing
        /// Nobody has begun it, or a power cut came when all of it had been taken in and it was begun anew.
        case headless
        case empty
        /// Something lies there, which may be a part of an entry.
        case waiting
    }

    /// How the spool beside that store looks without the lock.
    static func state(beside store: String) throws(StoreFault) -> State {
        let path = path(of: store)
        var head = [UInt8](repeating: 0, count: start + 8)
        do throws(SystemFault) {
            let file = try Descriptor(opening: path, O_RDONLY | O_NOFOLLOW)
            guard retrying({ pread(file.number, &head, start + 8, 0) }) >= 0 else {
                throw SystemFault(errno, "read", path)
            }
        } catch {
            guard error.number == ENOENT else { throw .failed(error) }
            return .missing
        }
        guard head.starts(with: magic) else { return .headless }
        return head[magic.count..<start] == head[start...] ? .waiting : .empty
    }

    private static func head() -> [UInt8] {
        // As large as numbers in the store may be.
        magic + number(UInt64.random(in: 1..<1 << 53))
    }

    /// Which time this is; nil where the head is none, which no power cut leaves behind unless all had been taken in.
    var generation: UInt64? {
        guard bytes.starts(with: Self.magic) else { return nil }
        return Self.number(bytes[Self.magic.count..<Self.start])
    }

    /// Where each text lies, from the entry at `offset` on or from the first, and where the next one would begin.
    func entries(from offset: Int = 0) -> (texts: [Range<Int>], end: Int) {
        var texts: [Range<Int>] = []
        var next = Self.start
        while let text = entry(at: next) {
            if next >= offset { texts.append(text) }
            next = text.upperBound
        }
        return (texts, next)
    }

    private func entry(at offset: Int) -> Range<Int>? {
        let text = offset + Self.headOfEntry
        guard let generation, text <= Self.size else { return nil }
        guard Self.number(bytes[offset..<offset + 8]) == generation else { return nil }
        let length = Self.number(bytes[offset + 8..<offset + 16])
        guard length > 0, length <= UInt64(Self.size - text) else { return nil }
        let end = text + Int(length)
        let sum = Self.sum(generation, bytes[text..<end])
        return Self.number(bytes[offset + 16..<text]) == sum ? text..<end : nil
    }

    /// Puts a text behind the others, on the disk when this returns; false where there is no room. Of one that cannot be synced
    /// nothing is left, as far as can be: it is not acknowledged, and whoever tries again would have it twice.
    ///
    /// The first comes with a new head: the one that is there may be of a time of which more is known as taken in than is there,
    /// for a power cut takes away what was not synced.
    func append(_ text: [UInt8]) throws(StoreFault) -> Bool {
        guard let old = generation else { return false }
        let end = entries().end
        let head = end == Self.start ? Self.head() : []
        let generation = head.isEmpty ? old : Self.number(head[Self.magic.count...])
        let entry =
            Self.number(generation) + Self.number(UInt64(text.count))
            + Self.number(Self.sum(generation, text[...])) + text
        guard end + entry.count <= Self.size else { return false }
        do throws(StoreFault) { try put(head + entry, at: end - head.count) } catch {
            try? put([UInt8](repeating: 0, count: Self.headOfEntry), at: end)
            throw error
        }
        return true
    }

    /// Removes all entries.
    func clear() throws(StoreFault) { try put(Self.head(), at: 0) }

    /// What lies there is on the disk when this returns, also what others wrote and did not live to sync.
    func sync() throws(StoreFault) {
        guard fdatasync(file.number) == 0 else { throw fault("sync") }
    }

    private func put(_ bytes: [UInt8], at offset: Int) throws(StoreFault) {
        var done = 0
        while done < bytes.count {
            let count = bytes[done...].withUnsafeBytes { rest in
                retrying {
                    pwrite(file.number, rest.baseAddress, rest.count, off_t(offset + done))
                }
            }
            guard count > 0 else { throw fault("write") }
            done += count
        }
        try sync()
    }

    private func fault(_ call: String) -> StoreFault {
        errno == ENOSPC || errno == EDQUOT
            ? .full(path) : .failed(SystemFault(errno, call, path))
    }

    /// Of the number and length as they are written, and of the text.
    private static func sum(_ generation: UInt64, _ text: ArraySlice<UInt8>) -> UInt64 {
        var sum: UInt64 = 0xCBF2_9CE4_8422_2325
        func add(_ byte: UInt8) { sum = (sum ^ UInt64(byte)) &* 0x100_0000_01B3 }
        for byte in number(generation) { add(byte) }
        for byte in number(UInt64(text.count)) { add(byte) }
        for byte in text { add(byte) }
        return sum
    }

    private static func number(_ value: UInt64) -> [UInt8] {
        (0..<8).map { UInt8(truncatingIfNeeded: value >> (56 - 8 * UInt64($0))) }
    }

    private static func number(_ bytes: ArraySlice<UInt8>) -> UInt64 {
        bytes.reduce(0) { $0 << 8 | UInt64($1) }
    }
}

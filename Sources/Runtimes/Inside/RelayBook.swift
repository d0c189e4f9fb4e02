/// The books of the connections that are carried from inside: which there are, how much may be said in each direction, what
/// is over. What comes is taken as data: whoever says what smelt-inside never says gets a fault, and nothing that he says
/// makes more than `most` connections or `window` bytes of each be held.
package struct RelayBook {
    /// The bytes of a direction that may be under way.
    package static let window = 65_536
    /// Connections at once; who comes then is told that it is broken. Twice as many as smelt-inside has
    /// (RELAY_CONNECTIONS): of some it has already seen the end while here the last that they said is still passed on.
    package static let most = 256

    /// What is to be done about what came.
    package enum News: Equatable {
        case nothing
        case open(UInt32, listener: Int)
        /// There is no room: it is to be told so.
        case refuse(UInt32)
        case pass(UInt32, ArraySlice<UInt8>)
        /// Inside nothing more is said.
        case end(UInt32)
        /// It is over, and forgotten.
        case drop(UInt32)
    }

    private struct Entry {
        /// What may come, and what may be said.
        var coming = RelayBook.window
        var saying = RelayBook.window
        /// Was passed on, and inside it is not known.
        var owed = 0
        var hasEnded = (here: false, inside: false)
    }

    private let listeners: Int
    private var entries: [UInt32: Entry] = [:]
    private var last: UInt32 = 0

    package init(listeners: Int) {
        self.listeners = listeners
    }

    var count: Int { entries.count }

    package mutating func take(_ word: InsideRelay) throws(RuntimeFault) -> News {
        switch word {
        case .accepted(let id, let listener):
            guard last < .max, id == last + 1, listener < listeners else { throw .badAnswer }
            last = id
            guard count < Self.most else { return .refuse(id) }
            entries[id] = Entry()
            return .open(id, listener: listener)
        case .data(let id, let bytes):
            guard var entry = try find(id) else { return .nothing }
            guard !entry.hasEnded.inside, bytes.count <= entry.coming else { throw .badAnswer }
            entry.coming -= bytes.count
            entries[id] = entry
            return .pass(id, bytes)
        case .over(let id, let isBroken):
            guard var entry = try find(id) else { return .nothing }
            if isBroken {
                entries[id] = nil
                return .drop(id)
            }
            guard !entry.hasEnded.inside else { throw .badAnswer }
            entry.hasEnded.inside = true
            entries[id] = entry
            return .end(id)
        case .room(let id, let count):
            guard var entry = try find(id) else { return .nothing }
            guard count <= Self.window - entry.saying else { throw .badAnswer }
            entry.saying += count
            entries[id] = entry
            return .nothing
        }
    }

    /// Nil for one that is over here and of which inside may not know.
    private func find(_ id: UInt32) throws(RuntimeFault) -> Entry? {
        guard id > 0, id <= last else { throw .badAnswer }
        return entries[id]
    }

    // MARK: what is done here

    /// So many bytes may be said on it now; 0 once we have ended.
    package func room(_ id: UInt32) -> Int {
        guard let entry = entries[id], !entry.hasEnded.here else { return 0 }
        return entry.saying
    }

    package mutating func say(_ id: UInt32, _ count: Int) { entries[id]?.saying -= count }

    /// So many of its bytes were passed on; what is to be told inside, if it is worth it.
    package mutating func pass(_ id: UInt32, _ count: Int) -> InsideRelay? {
        guard var entry = entries[id] else { return nil }
        entry.owed += count
        defer { entries[id] = entry }
        guard entry.owed >= Self.window / 2, !entry.hasEnded.inside else { return nil }
        entry.coming += entry.owed
        defer { entry.owed = 0 }
        return .room(id, entry.owed)
    }

    /// Nothing more is said here.
    package mutating func end(_ id: UInt32) { entries[id]?.hasEnded.here = true }

    /// On which sides nothing more is said; both of one that is not there.
    package func ended(_ id: UInt32) -> (here: Bool, inside: Bool) {
        entries[id]?.hasEnded ?? (true, true)
    }

    package mutating func forget(_ id: UInt32) { entries[id] = nil }
}

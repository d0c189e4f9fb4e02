internal import Smelt

/// A commit that was not here before, and the first of its parents.
struct NewCommit {
    let name: String
    let parent: String?
}

/// Counts what commits change, path by path. Ten trees that each hold the next one ten times over
/// are ten small objects and ten thousand million paths; whoever lists them first and counts then
/// has lost. This walk counts first and goes no deeper than it may.
final class Growth {
    private let objects: ObjectReader
    private let bounds: Bounds
    private var entries = 0
    private var held = 0

    /// Directory listings in memory at a time, in bytes.
    private static let mostHeld = 256 << 20

    init(in git: Git, _ bounds: Bounds) throws {
        objects = try ObjectReader(git, bounds)
        self.bounds = bounds
    }

    func measure(_ commits: [NewCommit]) throws {
        for commit in commits {
            let old = try commit.parent.map { try tree("\($0)^{tree}") }
            try compare(old, try tree("\(commit.name)^{tree}"), path: 0, depth: 1)
        }
    }

    private func tree(_ name: String) throws -> Tree {
        let (head, bytes) = try objects.whole(name, "tree", upTo: Self.mostHeld)
        return Tree(name: head.name, bytes: bytes)
    }

    /// `path` is the length of the directory's own path with its last slash.
    private func compare(_ old: Tree?, _ new: Tree, path: Int, depth: Int) throws {
        if old?.name == new.name { return }
        guard depth <= bounds.depth else {
            throw QuarantineFault.beyond("a directory's depth of", "\(depth)", "\(bounds.depth)")
        }
        held += new.bytes.count + (old?.bytes.count ?? 0)
        defer { held -= new.bytes.count + (old?.bytes.count ?? 0) }
        guard held <= Self.mostHeld else { throw QuarantineFault.tooHeavy("memory") }

        var before = old?.entries()
        var waiting = try before?.next()
        var now = new.entries()
        while let entry = try now.next() {
            while let other = waiting, other.precedes(entry) {
                try count()
                waiting = try before?.next()
            }
            var same: Tree.Entry?
            if let other = waiting, other.name.elementsEqual(entry.name),
                other.isTree == entry.isTree
            {
                same = other
                waiting = try before?.next()
            }
            if let same, same.object == entry.object, same.mode == entry.mode { continue }
            try count()
            let length = path + entry.name.count
            guard length <= bounds.pathBytes else {
                throw QuarantineFault.beyond("a path of", "\(length) bytes", "\(bounds.pathBytes)")
            }
            guard entry.isTree else { continue }
            let below = try same.map { try tree($0.objectName) }
            try compare(below, try tree(entry.objectName), path: length + 1, depth: depth + 1)
        }
        while waiting != nil {
            try count()
            waiting = try before?.next()
        }
    }

    private func count() throws(QuarantineFault) {
        entries += 1
        guard entries <= bounds.entries else {
            throw .beyond("changed paths:", "\(entries)", "\(bounds.entries)")
        }
    }
}

/// A directory's listing as git keeps it: `mode SP name NUL` and twenty bytes, again and again.
struct Tree {
    let name: String
    let bytes: [UInt8]

    struct Entry {
        let mode: ArraySlice<UInt8>
        let name: ArraySlice<UInt8>
        let object: ArraySlice<UInt8>

        /// Mode 40000.
        var isTree: Bool { mode.first == UInt8(ascii: "4") || mode.starts(with: "04".utf8) }

        var objectName: String {
            let digits = Array("0123456789abcdef".utf8)
            return String(
                decoding: object.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] },
                as: UTF8.self)
        }

        /// git's order: by bytes, a directory's name as if a slash followed.
        func precedes(_ other: Entry) -> Bool {
            let slash: [UInt8] = [UInt8(ascii: "/")]
            return (name + (isTree ? slash : [])).lexicographicallyPrecedes(
                other.name + (other.isTree ? slash : []))
        }
    }

    struct Entries {
        private let bytes: [UInt8]
        private var at = 0

        init(_ bytes: [UInt8]) {
            self.bytes = bytes
        }

        mutating func next() throws(QuarantineFault) -> Entry? {
            guard at < bytes.count else { return nil }
            guard let space = bytes[at...].firstIndex(of: 32),
                let end = bytes[space...].firstIndex(of: 0), end + 21 <= bytes.count
            else { throw .badObjects("a directory's listing is cut off") }
            defer { at = end + 21 }
            return Entry(
                mode: bytes[at..<space], name: bytes[(space + 1)..<end],
                object: bytes[(end + 1)..<(end + 21)])
        }
    }

    func entries() -> Entries { Entries(bytes) }
}

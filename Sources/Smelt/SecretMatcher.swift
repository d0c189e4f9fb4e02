/// Every spelling of every secret, as one Aho-Corasick automaton: built once, shared by all streams
/// that are searched. A state is a node of the trie of all spellings; most have one child, so they
/// are kept as chains, and only the root has a table.
package final class SecretPatterns: Sendable {
    /// By the node's number; the root is 0.
    struct Node: Sendable {
        var byte: UInt8
        /// A spelling that encoders wrap goes through here.
        var wraps = false
        var child: UInt32 = 0
        var sibling: UInt32 = 0
        /// The longest proper suffix that is also in the trie.
        var failure: UInt32 = 0
        var depth: UInt32
        /// Which secret's spelling ends here, plus one; the longest one that does on the failure
        /// chain is `suffix`.
        var ending: UInt32 = 0
        var suffix: UInt32 = 0
    }

    let nodes: [Node]
    let root: [UInt32]

    /// `values` in the order that `SecretMatch.secret` counts; those that are too short to be looked
    /// for never match.
    package init(_ values: [[UInt8]]) {
        var nodes = [Node(byte: 0, depth: 0)]
        var root = [UInt32](repeating: 0, count: 256)
        for (index, value) in values.enumerated() {
            for spelling in SecretVariants.spellings(of: value) {
                Self.insert(spelling, secret: index, into: &nodes, root: &root)
            }
        }
        Self.link(&nodes, root: root)
        self.nodes = nodes
        self.root = root
    }

    /// Nothing is looked for.
    package var isEmpty: Bool { nodes.count == 1 }

    private static func insert(
        _ spelling: SecretVariants.Spelling, secret: Int, into nodes: inout [Node],
        root: inout [UInt32]
    ) {
        var at = 0
        for byte in spelling.bytes {
            var next = at == 0 ? Int(root[Int(byte)]) : Int(child(of: at, byte, nodes))
            if next == 0 {
                next = nodes.count
                nodes.append(Node(byte: byte, depth: nodes[at].depth + 1))
                if at == 0 {
                    root[Int(byte)] = UInt32(next)
                } else {
                    nodes[next].sibling = nodes[at].child
                    nodes[at].child = UInt32(next)
                }
            }
            if spelling.wraps { nodes[next].wraps = true }
            at = next
        }
        nodes[at].ending = UInt32(secret + 1)
    }

    private static func child(of node: Int, _ byte: UInt8, _ nodes: [Node]) -> UInt32 {
        var next = nodes[node].child
        while next != 0, nodes[Int(next)].byte != byte { next = nodes[Int(next)].sibling }
        return next
    }

    /// Failure links, breadth first: a node's is found from its parent's.
    private static func link(_ nodes: inout [Node], root: [UInt32]) {
        var queue = root.filter { $0 != 0 }
        var first = 0
        while first < queue.count {
            let parent = Int(queue[first])
            first += 1
            var next = nodes[parent].child
            while next != 0 {
                queue.append(next)
                let byte = nodes[Int(next)].byte
                var fallback = Int(nodes[parent].failure)
                while fallback != 0, child(of: fallback, byte, nodes) == 0 {
                    fallback = Int(nodes[fallback].failure)
                }
                let failure =
                    fallback == 0 ? root[Int(byte)] : child(of: fallback, byte, nodes)
                nodes[Int(next)].failure = failure
                nodes[Int(next)].suffix =
                    nodes[Int(failure)].ending != 0 ? failure : nodes[Int(failure)].suffix
                next = nodes[Int(next)].sibling
            }
        }
    }
}

/// Where a secret stands in a stream.
package struct SecretMatch: Equatable, Sendable {
    /// Its index among the values that the patterns were made of.
    package let secret: Int
    /// Counted from the stream's beginning.
    package let bytes: Range<Int>
}

/// Searches one stream, piece by piece; what lies across the border of two pieces is found too.
package struct SecretMatcher: Sendable {
    private let patterns: SecretPatterns
    private var state: UInt32 = 0
    /// A spelling that was broken off by a line end and may go on behind it.
    private var broken: (state: UInt32, start: Int)?
    /// How much was fed so far.
    package private(set) var offset = 0

    package init(_ patterns: SecretPatterns) {
        self.patterns = patterns
    }

    /// How many of the last bytes may be the beginning of a secret. Whoever masks holds these back
    /// until more comes or the stream ends.
    package var heldBytes: Int {
        let depth = Int(patterns.nodes[Int(state)].depth)
        return max(depth, broken.map { offset - $0.start } ?? 0)
    }

    /// Searches on; `found` is called for each match, in the order of their ends, overlapping ones
    /// too.
    package mutating func feed(
        _ bytes: UnsafeRawBufferPointer, found: (SecretMatch) -> Void
    ) {
        let base = offset
        offset += bytes.count
        guard !patterns.isEmpty else { return }
        patterns.nodes.withUnsafeBufferPointer { nodes in
            patterns.root.withUnsafeBufferPointer { root in
                var at = 0
                while at < bytes.count {
                    if state == 0, broken == nil {
                        while at < bytes.count, root[Int(bytes[at])] == 0 { at += 1 }
                        if at == bytes.count { break }
                    }
                    let byte = bytes[at]
                    if state != 0 || broken != nil, byte == 10 || byte == 13 {
                        breakLine(at: base + at, nodes)
                    } else if broken != nil {
                        resume(byte, end: base + at + 1, nodes, found)
                    }
                    step(byte, end: base + at + 1, nodes, root, found)
                    at += 1
                }
            }
        }
    }

    package mutating func feed(_ bytes: [UInt8], found: (SecretMatch) -> Void) {
        bytes.withUnsafeBytes { feed($0, found: found) }
    }

    private mutating func step(
        _ byte: UInt8, end: Int, _ nodes: UnsafeBufferPointer<SecretPatterns.Node>,
        _ root: UnsafeBufferPointer<UInt32>, _ found: (SecretMatch) -> Void
    ) {
        var next: UInt32 = 0
        while state != 0 {
            next = Self.child(of: state, byte, nodes)
            if next != 0 { break }
            state = nodes[Int(state)].failure
        }
        state = next != 0 ? next : root[Int(byte)]
        var ending = nodes[Int(state)].ending != 0 ? state : nodes[Int(state)].suffix
        while ending != 0 {
            let node = nodes[Int(ending)]
            found(
                SecretMatch(secret: Int(node.ending) - 1, bytes: end - Int(node.depth)..<end))
            ending = node.suffix
        }
    }

    /// Remembers where an encoded value stood when its line ended. Of two candidates the longer one
    /// stays; one character alone is worth nothing.
    private mutating func breakLine(
        at offset: Int, _ nodes: UnsafeBufferPointer<SecretPatterns.Node>
    ) {
        let node = nodes[Int(state)]
        guard node.wraps, node.depth > 1 else { return }
        if let broken, nodes[Int(broken.state)].depth >= node.depth { return }
        broken = (state, offset - Int(node.depth))
    }

    private mutating func resume(
        _ byte: UInt8, end: Int, _ nodes: UnsafeBufferPointer<SecretPatterns.Node>,
        _ found: (SecretMatch) -> Void
    ) {
        guard let (state, start) = broken else { return }
        let next = Self.child(of: state, byte, nodes)
        guard next != 0, nodes[Int(next)].wraps else {
            broken = nil
            return
        }
        broken = (next, start)
        if nodes[Int(next)].ending != 0 {
            found(SecretMatch(secret: Int(nodes[Int(next)].ending) - 1, bytes: start..<end))
            broken = nil
        }
    }

    @inline(__always)
    private static func child(
        of node: UInt32, _ byte: UInt8, _ nodes: UnsafeBufferPointer<SecretPatterns.Node>
    ) -> UInt32 {
        var next = nodes[Int(node)].child
        while next != 0, nodes[Int(next)].byte != byte { next = nodes[Int(next)].sibling }
        return next
    }
}

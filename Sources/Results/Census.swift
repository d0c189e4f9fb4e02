internal import Smelt

/// What a pack holds, by name, type and unpacked size, without reading any content.
struct Census {
    /// Objects that were not here before.
    private(set) var new: Set<String> = []

    /// Lists `pack` and holds it against `bounds`. Objects that `results` has already (a thin pack's
    /// bases, and what was sent again) are the user's or were judged before: they do not count.
    init(of pack: String, in git: Git, beside results: Git, _ bounds: Bounds) throws {
        var listing = git.command(["show-index"])
        let index = try Descriptor(
            opening: "\(git.repository)/objects/pack/\(pack).idx", 0)
        listing.input = .descriptor(index.number)
        listing.output = .captured(limit: 512 << 20)
        let listed = try bounds.confine(listing, in: git).run()
        guard listed.succeeded else { throw GitFault("show-index", listed) }
        let names = listed.text.split(separator: "\n").compactMap {
            $0.split(separator: " ").dropFirst().first
        }
        let asking = Array(names.joined(separator: "\n").utf8) + [10]

        let known = try Self.ask(results, "%(objectname)", asking, bounds)
        var missing: Set<Substring> = []
        for line in known.split(separator: "\n") where line.hasSuffix(" missing") {
            missing.insert(line.prefix(40))
        }
        let format = "%(objectname) %(objecttype) %(objectsize) %(deltabase)"
        var bases: [Substring: Substring] = [:]
        var total = 0
        let facts = try Self.ask(git, format, asking, bounds)
        for line in facts.split(separator: "\n") {
            let words = line.split(separator: " ")
            guard words.count == 4, let size = Int(words[2]) else {
                throw QuarantineFault.badObjects("'\(line.prefix(40))' cannot be measured")
            }
            bases[words[0]] = words[3]
            guard missing.contains(words[0]) else { continue }
            total += size
            try Self.judge(words[1], size, total, bounds)
            new.insert(String(words[0]))
        }
        try Self.measureChains(bases)
    }

    private static func judge(
        _ type: Substring, _ size: Int, _ total: Int, _ bounds: Bounds
    ) throws(QuarantineFault) {
        let most: Int
        switch type {
        case "commit": most = bounds.commitBytes
        case "tree", "blob": most = bounds.blobBytes
        default: throw .badObjects("it brings a \(type)")
        }
        guard size <= most else { throw .beyond("a \(type) of", "\(size) bytes", "\(most)") }
        guard total <= bounds.totalBytes else {
            throw .beyond("what it unpacks to,", "\(total) bytes,", "\(bounds.totalBytes)")
        }
    }

    /// Reading one object of a chain unpacks all that it is made from.
    private static func measureChains(_ bases: [Substring: Substring]) throws(QuarantineFault) {
        var depths: [Substring: Int] = [:]
        for start in bases.keys {
            var chain: [Substring] = []
            var at = start
            while depths[at] == nil, let base = bases[at] {
                chain.append(at)
                at = base
            }
            var depth = depths[at] ?? 0
            for name in chain.reversed() {
                depth = bases[name].flatMap { bases[$0] } == nil ? 0 : depth + 1
                depths[name] = depth
                guard depth <= Bounds.deltas else {
                    throw .beyond("a chain of", "\(depth) deltas", "\(Bounds.deltas)")
                }
            }
        }
    }

    private static func ask(
        _ git: Git, _ format: String, _ names: [UInt8], _ bounds: Bounds
    ) throws -> String {
        var command = git.confined(
            Git.frugal + ["cat-file", "--buffer", "--batch-check=\(format)"], bounds)
        command.input = .bytes(names)
        command.output = .captured(limit: 512 << 20)
        let finished = try command.run()
        guard finished.succeeded else { throw GitFault("cat-file", finished) }
        return finished.text
    }
}

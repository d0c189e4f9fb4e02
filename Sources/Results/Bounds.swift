internal import Smelt

/// How much a session's work may be before anything of it is read. Sizes are those of the unpacked
/// objects: a megabyte on the wire can be a gibibyte.
package struct Bounds: Equatable, Sendable {
    /// One file, and one directory's own listing.
    package var blobBytes = 50 << 20
    /// All new objects together.
    package var totalBytes = 1 << 30
    /// Changed paths, summed over the new commits.
    package var entries = 100_000
    /// New objects, whatever they are: at least a commit, its trees and its blobs each.
    package var objects = 400_000
    package var pathBytes = 4096
    package var depth = 64
    /// One commit with its message.
    package var commitBytes = 1 << 20
    /// For each of the steps: indexing, looking at sizes, walking.
    package var seconds = 120.0
    /// Of memory for each git of ours that reads such objects.
    package var memoryBytes = 2 << 30

    /// Longest chain of deltas; git itself packs none that are longer.
    package static let deltas = 4095

    package init() {}

    /// `command` confined by the kernel: memory, processor time and files written; git's windows into
    /// packs are kept small so that the user's own large packs fit in. Ended after `seconds`.
    func confine(_ command: Command, in git: Git) -> Command {
        var command = command
        let processor = Int(seconds.rounded(.up)) + 1
        command.arguments =
            [
                "prlimit", "--core=0", "--cpu=\(processor)",
                "--as=\(memoryBytes + git.indexBytes)", "--fsize=\(totalBytes + (64 << 20))",
            ] + command.arguments
        command.timeout = seconds
        return command
    }
}

extension Git {
    /// Settings for reading objects of unknown origin within bounded memory.
    static let frugal = [
        "-c", "core.packedGitWindowSize=16m", "-c", "core.packedGitLimit=128m",
        "-c", "core.deltaBaseCacheLimit=64m", "-c", "pack.threads=1",
    ]

    /// A call that reads what sessions made.
    func confined(_ arguments: [String], _ bounds: Bounds) -> Command {
        bounds.confine(command(arguments), in: self)
    }

    /// What git maps whole, however large: the indexes of all packs in reach.
    var indexBytes: Int {
        var stores = ["\(repository)/objects"]
        var total = 0
        var next = 0
        while next < stores.count, next < 8 {
            let store = stores[next]
            next += 1
            for name in Files.names(in: "\(store)/pack")
            where name.hasSuffix(".idx") || name.hasPrefix("multi-pack-index") {
                total += Files.size("\(store)/pack/\(name)") ?? 0
            }
            let more = try? Files.readText("\(store)/info/alternates", upTo: 65_536)
            for line in (more ?? "").split(separator: "\n") {
                stores.append(Files.resolve(String(line), against: store))
            }
        }
        return total
    }
}

internal import Glibc
internal import Smelt

/// The control group of one run: made, limited, born into, counted, removed. Nothing inside can write to it: no
/// control group file system is mounted there and none can be.
///
/// Its directory is locked (`flock`, shared) for as long as its owner lives, so that a sweep can tell what somebody left
/// who was killed.
final class Cgroup: Sendable {
    let path: String
    let controllers: Set<String>
    private let directory: Descriptor
    /// For CLONE_INTO_CGROUP: where the processes are, the group itself or the one in it.
    let number: Int32

    static let prefix = "smelt-"
    static let leaf = "in"

    /// Whether a group of that name is a run's. Others begin so, too, such as those of units: `smelt-queue.service`.
    static func isOfRun(_ name: String) -> Bool {
        guard name.hasPrefix(prefix) else { return false }
        let parts = name.dropFirst(prefix.count).split(
            separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        guard RunID(String(parts[0])) != nil else { return false }
        return parts.count == 1 || parts[1].utf8.count == 8 && !parts[1].contains(".")
    }

    /// Made in `place`, named after `run`, with all `knobs` set.
    init(in place: CgroupPlace, run: RunID?, knobs: [CgroupKnob]) throws(SandboxFault) {
        var path = ""
        var directory: Descriptor?
        // A sweep may take it before it is locked; the next one has another name.
        for _ in 0..<100 where directory == nil {
            let name = run.map { "\($0).\(RunID.make().description.suffix(8))" }
            path = "\(place.path)/\(Self.prefix)\(name ?? RunID.make().description)"
            do throws(SystemFault) { directory = try Self.make(path) } catch {
                throw .noGroup(path: path, number: error.number)
            }
        }
        guard let directory = directory.take() else {
            throw .noGroup(path: path, number: EBUSY)
        }
        do throws(SandboxFault) {
            for knob in knobs { try Self.set(knob, in: directory.number, path) }
            number =
                place.isShared
                ? try Self.leaf(in: directory.number, path, knobs).release() : directory.number
        } catch {
            // The lock on it goes with the descriptor, after this.
            Self.remove(path, directory.number)
            throw error
        }
        self.path = path
        self.directory = directory
        controllers = place.controllers
    }

    deinit {
        if number != directory.number { close(number) }
        Self.remove(path, directory.number)
    }

    /// Ends every process in it, also those that are born meanwhile. Linux 5.14.
    func kill() {
        try? writeKnob("1", to: "cgroup.kill", in: directory.number, path: path)
    }

    /// What a file of the group says; nil where the kernel has it not.
    func read(_ file: String) -> String? {
        guard let opened = try? Descriptor(opening: file, O_RDONLY, beneath: directory.number),
            let bytes = try? opened.readAll(upTo: 1 << 20, name: file)
        else { return nil }
        return String(decoding: bytes, as: UTF8.self)
    }

    // MARK: making

    /// Nil when it was swept away at once.
    private static func make(_ path: String) throws(SystemFault) -> Descriptor? {
        guard mkdir(path, 0o755) == 0 else { throw SystemFault(errno, "make", path) }
        let number = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        if number < 0 {
            guard errno == ENOENT else { throw SystemFault(errno, "open", path) }
            return nil
        }
        let directory = Descriptor(owning: number)
        guard flock(number, LOCK_SH | LOCK_NB) == 0,
            faccessat(number, "cgroup.procs", F_OK, 0) == 0
        else { return nil }
        return directory
    }

    private static func set(
        _ knob: CgroupKnob, in directory: Int32, _ path: String
    ) throws(SandboxFault) {
        do throws(SystemFault) {
            try writeKnob(knob.value, to: knob.file, in: directory, path: path)
        } catch {
            if knob.isOptional, error.number == ENOENT { return }
            if knob.file == "cpuset.cpus", error.number == ERANGE {
                throw .processors(asked: knob.value, present: presentProcessors(path))
            }
            throw .knob(limit: knob.limit, file: "\(path)/\(knob.file)", number: error.number)
        }
        // Processors that are not there are left out without a word, and none at all means every one.
        if knob.file == "cpuset.cpus" {
            let facts = CgroupFacts(path: path)
            let effective = facts.words("cpuset.cpus.effective").first ?? ""
            guard ProcessorList.parse(effective) == ProcessorList.parse(knob.value) else {
                throw .processors(asked: knob.value, present: presentProcessors(path))
            }
        }
    }

    private static func presentProcessors(_ path: String) -> String {
        CgroupFacts(path: Files.parent(of: path)).words("cpuset.cpus.effective").first ?? ""
    }

    private static func leaf(
        in directory: Int32, _ path: String, _ knobs: [CgroupKnob]
    ) throws(SandboxFault) -> Descriptor {
        let used = Set(knobs.map(\.controller)).sorted().map { "+\($0)" }
        do throws(SystemFault) {
            if !used.isEmpty {
                try writeKnob(
                    used.joined(separator: " "), to: "cgroup.subtree_control", in: directory,
                    path: path)
            }
            guard mkdirat(directory, leaf, 0o755) == 0 else {
                throw SystemFault(errno, "make", leaf)
            }
            return try Descriptor(opening: leaf, O_RDONLY | O_DIRECTORY, beneath: directory)
        } catch {
            throw .noGroup(path: "\(path)/\(leaf)", number: error.number)
        }
    }

    // MARK: removing

    /// Waits for the last process that is still on its way out; one that cannot be killed stays, and so does the group.
    static func remove(_ path: String, _ directory: Int32) {
        for _ in 0..<100 {
            if unlinkat(directory, leaf, AT_REMOVEDIR) != 0, errno == EBUSY {
                guard waitUntilEmpty(directory) else { return }
                continue
            }
            guard rmdir(path) != 0, errno == EBUSY, waitUntilEmpty(directory) else { return }
        }
    }

    /// By the event that the kernel gives for it; false after five seconds without it.
    private static func waitUntilEmpty(_ directory: Int32) -> Bool {
        guard let events = try? Descriptor(opening: "cgroup.events", O_RDONLY, beneath: directory)
        else { return false }
        var bytes = [UInt8](repeating: 0, count: 256)
        while true {
            let count = pread(events.number, &bytes, bytes.count, 0)
            guard count > 0 else { return false }
            if String(decoding: bytes[..<count], as: UTF8.self).contains("populated 0") {
                return true
            }
            var waiting = pollfd(fd: events.number, events: Int16(POLLPRI), revents: 0)
            guard retrying({ poll(&waiting, 1, 5000) }) == 1 else { return false }
        }
    }
}

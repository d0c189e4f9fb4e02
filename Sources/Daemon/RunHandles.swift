internal import CSystem
internal import Glibc
internal import Smelt
internal import Store

/// What a daemon has open of a run: its process and its files; all of it, or nothing.
final class RunHandles {
    /// Readable when the process has ended; -1 where it had ended before.
    let process: Descriptor
    let records: Descriptor
    /// -1 where what is printed are the records.
    let output: Descriptor
    let errors: Descriptor
    /// Of a run that goes on under its own name, the records that it was given.
    let given: GivenLines?

    /// Of a process that was begun here, or with `isChild` false by somebody who is gone. ENOENT says that its files are gone;
    /// other faults say nothing of the run. With `isGone` the process is known to be gone, and its number may be another's.
    init(
        _ files: RunFiles, _ claimed: Claimed, _ process: HostProcess, isChild: Bool,
        isGone: Bool = false
    ) throws(SystemFault) {
        records = try Descriptor(opening: files.records, O_RDONLY | O_NOFOLLOW)
        errors = try Descriptor(opening: files.errors, O_RDONLY | O_NOFOLLOW)
        output =
            claimed.kind == .manifest
            ? Descriptor(owning: -1) : try Descriptor(opening: files.output, O_RDONLY | O_NOFOLLOW)
        given =
            claimed.goesOn && !Files.exists(files.log) ? try GivenLines(files.input) : nil
        self.process =
            isGone ? Descriptor(owning: -1) : try Self.open(process, isChild: isChild)
    }

    /// When it wrote last, in milliseconds since 1970; nil where nobody says.
    var lastWrite: Int64? {
        [records.number, output.number, errors.number].compactMap { file in
            var facts = stat()
            guard fstat(file, &facts) == 0 else { return nil }
            return Int64(facts.st_mtim.tv_sec) * 1000 + Int64(facts.st_mtim.tv_nsec) / 1_000_000
        }.max()
    }

    private static func open(
        _ process: HostProcess, isChild: Bool
    ) throws(SystemFault) -> Descriptor {
        // Close-on-exec by itself.
        let handle = Descriptor(owning: system_process_handle(process.pid))
        if handle.number < 0 {
            // EINVAL: the number is that of another process's thread by now.
            guard errno == ESRCH || errno == EINVAL else {
                throw SystemFault(errno, "watch", "process \(process.pid)")
            }
            return handle
        }
        if isChild { return handle }
        // Only now: the number cannot come to mean another process any more.
        if let facts = HostProcess.Facts(process.pid) {
            return facts.start == process.start && !facts.isOver ? handle : Descriptor(owning: -1)
        }
        var waiting = pollfd(fd: handle.number, events: Int16(POLLIN), revents: 0)
        guard poll(&waiting, 1, 0) == 1 else {
            throw SystemFault(EAGAIN, "look at", "process \(process.pid)")
        }
        return Descriptor(owning: -1)
    }
}

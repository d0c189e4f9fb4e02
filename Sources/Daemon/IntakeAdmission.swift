internal import Glibc
internal import Manifest
internal import Smelt
internal import Store
internal import Toml

/// From a file that was taken to a job, or to a reason.
extension Intake {
    /// Makes the job of a file that was taken, unless somebody did.
    func admit(
        _ name: String, _ store: Store, _ server: Server, _ now: Instant
    ) throws(StoreFault) {
        let path = "\(directory)/\(Self.taken)/\(name)"
        let original = String(name.dropFirst(27))
        let job: NewJob
        do {
            job = try read(path, name, original, server)
        } catch let fault as any Fault {
            reject(name, original, fault)
            return
        } catch { return }
        let id = try store.together(now) { () throws(StoreFault) -> RunID? in
            var filter = JobFilter()
            filter.label = NewJob.Label(Self.label, name)
            if let known = try store.list(filter, most: 1).first { return known.id }
            return try store.add([job], by: .daemon, now).first.flatMap(\.id)
        }
        let target = "\(id.map { "\($0)" } ?? String(name.prefix(26)))-\(original)"
        if rename(path, "\(directory)/\(Self.dispatched)/\(target)") != 0 {
            say("smelt-queue: \(SystemFault(errno, "move to dispatched", original))\n")
        }
    }

    private func read(
        _ path: String, _ name: String, _ original: String, _ server: Server
    ) throws -> NewJob {
        var facts = stat()
        guard lstat(path, &facts) == 0 else { throw SystemFault(errno, "look at", original) }
        guard facts.st_mode & S_IFMT == S_IFREG else { throw IntakeFault.notPlain(original) }
        let file = try Descriptor(opening: path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK)
        let text = try file.readAll(upTo: NewJob.longestBody, name: original)
        var job = try NewJob(
            manifest: SourceFile(
                name: original, path: "\(directory)/\(original)", directory: directory, text: text))
        job.labels = [NewJob.Label(Self.label, name)]
        job.retries = Int64(server.retryAttempts)
        job.backoff = max(1, Int64(server.retryBackOffSeconds * 1000))
        return job
    }

    /// The reason first, so that none is without.
    private func reject(_ name: String, _ original: String, _ fault: any Fault) {
        let target = "\(directory)/\(Self.rejected)/\(name)"
        do throws(SystemFault) {
            try Files.replace("\(target).reason", with: Array("\(fault)\n".utf8), mode: 0o644)
            guard rename("\(directory)/\(Self.taken)/\(name)", target) == 0 else {
                throw SystemFault(errno, "move to rejected", original)
            }
            say("smelt-queue: rejected '\(Visible.line(original))': see '\(target).reason'\n")
        } catch { say("smelt-queue: \(error)\n") }
    }
}

extension Admission {
    fileprivate var id: RunID? {
        switch self {
        case .added(let id, _), .existing(let id, _): id
        case .dropped, .full: nil
        }
    }
}

enum IntakeFault: Fault {
    case notPlain(String)

    var exit: Exit { .invalid }

    var description: String {
        switch self {
        case .notPlain(let name): "'\(Visible.line(name))' is no plain file"
        }
    }
}

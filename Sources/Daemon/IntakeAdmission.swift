internal import Glibc
internal import Manifest
internal import Smelt
internal import Store
internal import Toml

/// From a file that was taken to a job, or to a reason.
extension Intake {
    /// Makes the job of a file that was taken, unless somebody did; false when it has to be tried again.
    func admit(
        _ name: String, _ store: Store, _ server: Server, _ now: Instant
    ) throws(StoreFault) -> Bool {
        let path = "\(directory)/\(Self.taken)/\(name)"
        let original = String(name.dropFirst(27))
        do {
            // First, for what became a job is never rejected any more.
            if let known = try job(of: name, store) {
                try dispatch(path, "\(known)-\(original)")
            } else {
                let new = try read(path, name, original, server)
                let id = try store.together(now) { () throws(StoreFault) -> RunID? in
                    // Another daemon may have found the file, too.
                    if let known = try job(of: name, store) { return known }
                    return try store.add([new], by: actor, now).first.flatMap(\.id)
                }
                try dispatch(path, "\(id.map { "\($0)" } ?? String(name.prefix(26)))-\(original)")
            }
        } catch let fault as StoreFault {
            guard case .invalid = fault else { throw fault }
            return reject(name, original, fault)
        } catch let fault as SystemFault where !Self.isOfFile(fault) {
            // Another daemon has moved it; or it is not the file that is wrong, and it may pass.
            if fault.number == ENOENT, !Files.exists(path) { return true }
            tell(fault, of: name)
            return false
        } catch let fault as any Fault {
            return reject(name, original, fault)
        } catch { return true }
        forget(name)
        return true
    }

    private func job(of name: String, _ store: Store) throws(StoreFault) -> RunID? {
        var filter = JobFilter()
        filter.label = NewJob.Label(Self.label, name)
        return try store.list(filter, most: 1).first?.id
    }

    private func dispatch(_ path: String, _ target: String) throws(SystemFault) {
        guard rename(path, "\(directory)/\(Self.dispatched)/\(target)") == 0 else {
            throw SystemFault(errno, "move to \(Self.dispatched)", path)
        }
    }

    /// Whether somebody who dropped a file can do something about it.
    private static func isOfFile(_ fault: SystemFault) -> Bool {
        fault.action == "open" && [EACCES, ELOOP, EPERM].contains(fault.number)
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

    /// The reason first, so that none is without; false when it has to be tried again.
    private func reject(_ name: String, _ original: String, _ reason: any Fault) -> Bool {
        let target = "\(directory)/\(Self.rejected)/\(name)"
        do throws(SystemFault) {
            try Files.replace("\(target).reason", with: Array("\(reason)\n".utf8), mode: 0o644)
            guard rename("\(directory)/\(Self.taken)/\(name)", target) == 0 else {
                throw SystemFault(errno, "move to \(Self.rejected)", original)
            }
        } catch {
            tell(error, of: name)
            return false
        }
        say("smelt-queue: rejected '\(Visible.line(original))': see '\(target).reason'\n")
        forget(name)
        return true
    }
}

extension Admission {
    /// Nil only of one whose slot is taken.
    fileprivate var id: RunID? {
        switch self {
        case .added(let id, _), .existing(let id, _): id
        case .dropped, .full: nil
        }
    }
}

enum IntakeFault: Fault {
    case notPlain(String)
    case noText(String)

    var exit: Exit { .invalid }

    var description: String {
        switch self {
        case .notPlain(let name): "'\(Visible.line(name))' is no plain file"
        case .noText(let name):
            "could not take '\(Visible.line(name))': its name is not in UTF-8; give it another"
        }
    }
}

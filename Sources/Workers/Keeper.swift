internal import Glibc
internal import Records
internal import Results
package import Smelt

/// `smelt-queue work --keep RUN`, the stage between the sessions and the end of their environment: keeps their bundles for the
/// other side. It acts whatever happened.
package enum Keeper {
    package static func run(_ id: String) throws -> Exit {
        guard let run = RunID(id) else { throw Usage("'\(Visible.line(id))' is no run id") }
        let place = WorkPlace(run: run, state: try Places.state())
        let stage = Stage.atTheEnd(
            "work", wants: [EnvironmentReady.type, SessionsFinished.type])
        let ready = try stage.untilEnd()
        if let ready {
            do { try keep(ready, place) } catch let fault as any Fault { stage.fail(fault) }
        }
        return stage.exit
    }

    private static func keep(_ ready: EnvironmentReady, _ place: WorkPlace) throws {
        let results = try Repositories(state: place.state).results()
        let references = RunReferences(of: place.run, in: results)
        for name in Files.names(in: ready.directory) where name.hasSuffix(".bundle") {
            let path = "\(ready.directory)/\(name)"
            guard let size = Files.size(path), size > 0 else { continue }
            let kept = "\(place.bundles)/\(name)"
            guard link(path, kept) == 0 || errno == EEXIST else {
                throw SystemFault(errno, "keep", path)
            }
            // Then nobody need rescue it from the environment. One that is refused is refused there, too, in words.
            let session = String(name.dropLast(7))
            let file = try Descriptor(opening: kept, O_RDONLY | O_NOFOLLOW)
            do {
                try Quarantine(into: results).admit(
                    bundle: file.number, branch: "refs/heads/smelt/\(session)",
                    start: ready.baseCommit, as: references.session(session))
            } catch let fault as Cancelled { throw fault } catch let fault as any Fault {
                say("smelt-queue: session '\(Visible.line(session))': \(fault)\n")
            }
        }
    }
}

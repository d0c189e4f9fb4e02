internal import Glibc
package import Records
internal import Sandbox
package import Smelt

extension Environments {
    /// What became of an environment that nobody held.
    package enum Swept: Sendable {
        case removed(id: String, rescued: [String])
        /// It is still there.
        case stays(id: String, any Fault)
    }

    /// Clears away every environment whose lease nobody holds, after `rescue` has saved what is in
    /// it and given the references that hold it, and every control group of a run whose owner was killed. One that somebody asked to keep stays, unless it
    /// was made before `keptUntil`.
    package func sweep(
        keptUntil: Timestamp?, rescue: (SandboxEnvironment) throws -> [String]
    ) throws -> [Swept] {
        CgroupSweep.everywhere()
        try removeLeavings()
        ProjectClaim.giveBack(at: directory)
        var swept: [Swept] = []
        for name in names {
            do {
                if let one = try clear(name, keptUntil: keptUntil, rescue) { swept.append(one) }
            } catch let fault as any Fault {
                if fault is Cancelled { throw fault }
                swept.append(.stays(id: name, fault))
            }
        }
        return swept
    }

    /// Removes one with the work that is in it, for which nothing was found to be a place.
    package func discard(_ id: String) throws {
        guard names.contains(id) else { throw RuntimeFault.noEnvironment(id) }
        let path = "\(directory)/\(id)"
        guard let lease = try attempt("\(path)/lease"), let work = try attempt("\(path)/work")
        else { throw RuntimeFault.inUse(id) }
        defer { withExtendedLifetime((lease.number, work.number)) {} }
        do { try SandboxEnvironment(opening: path).remove() } catch RuntimeFault.badFacts {
            // Nobody knows any more what belongs to it; on engines it is found by its label from now on.
            let gone = "\(directory)/.gone-\(id).\(RunID.make())"
            guard rename(path, gone) == 0 else { throw SystemFault(errno, "remove", path) }
            try Removal.remove(gone)
        }
    }

    private func clear(
        _ name: String, keptUntil: Timestamp?, _ rescue: (SandboxEnvironment) throws -> [String]
    ) throws -> Swept? {
        let path = "\(directory)/\(name)"
        // Held to the end; the work lock too, for the last processes of a killed exec.
        guard let lease = try attempt("\(path)/lease"), let work = try attempt("\(path)/work")
        else { return nil }
        defer { withExtendedLifetime((lease.number, work.number)) {} }
        let environment = try SandboxEnvironment(opening: path)
        if Files.exists(environment.kept) {
            guard let keptUntil, environment.facts.created < keptUntil else { return nil }
        }
        let rescued = try rescue(environment)
        try environment.remove()
        return .removed(id: name, rescued: rescued)
    }

    /// Removes what was left on an engine whose environment is not here any more; nothing where that was done in the
    /// last `seconds`, since the engine has runs to do.
    package func sweep(
        engineOf runtime: JobEnvironment.Runtime, unlessWithin seconds: Double = 0
    ) throws {
        guard let engine = try Engines.engine(of: runtime) else { return }
        let known = "\(Files.parent(of: directory))/engines/\(runtime.rawValue)"
        let mark = "\(known)/.swept"
        var facts = stat()
        if seconds > 0, stat(mark, &facts) == 0,
            Double(time(nil) - facts.st_mtim.tv_sec) < seconds
        {
            return
        }
        do {
            try engine.sweep { Files.exists("\(directory)/\($0)") }
        } catch {
            // One that does not answer holds up no more than it does when it does.
            if !(error is Cancelled), Files.exists(known) { try? Files.replace(mark, with: []) }
            throw error
        }
        if Files.exists(known) { try Files.replace(mark, with: []) }
    }

    private func attempt(_ path: String) throws(SystemFault) -> Lock? {
        do throws(SystemFault) { return try Lock.attempt(path, .exclusive) } catch {
            if error.number == ENOENT { return nil }
            throw error
        }
    }

    /// What makers and removers left that were killed.
    private func removeLeavings() throws {
        guard let lock = try Lock.attempt("\(directory)/.lock", .exclusive, creating: true) else {
            return
        }
        defer { withExtendedLifetime(lock.number) {} }
        for name in Files.names(in: directory)
        where name.hasPrefix(".new-") || name.hasPrefix(".gone-") {
            try Removal.remove("\(directory)/\(name)")
        }
        // Environments come and go whole, so this is what a process made that came too late.
        for name in names where !Files.exists("\(directory)/\(name)/lease") {
            try Removal.remove("\(directory)/\(name)")
        }
    }
}

extension SandboxEnvironment {
    /// Asks for it to stay.
    package func keep() throws { _ = try Lock(kept, .shared, creating: true) }

    /// Removes it, with everything that is in it. To be called under the work lock or the exclusive
    /// lease, after the rescue.
    package func remove() throws {
        // While its directory says what there is; what is gone there already is no fault.
        if facts.engine != nil { try engine()?.remove(self) }
        let above = Files.parent(of: directory)
        // A gc that sweeps up would take what is being removed for something left behind.
        let removing = try Lock("\(above)/.lock", .shared, creating: true)
        defer { withExtendedLifetime(removing.number) {} }
        let gone = "\(above)/.gone-\(id).\(RunID.make())"
        guard rename(directory, gone) == 0 else {
            if errno == ENOENT { return }
            throw SystemFault(errno, "remove", directory)
        }
        try Removal.remove(gone)
        ProjectClaim.giveBack(at: above)
        HostUserClaim.release(by: directory)
    }
}

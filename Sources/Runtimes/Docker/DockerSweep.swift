internal import Glibc
internal import Smelt

/// What was left on the engine by runs of this state directory, and nothing else.
extension Docker {
    /// Base volumes that nobody used for so long go, seconds: two weeks, as checkouts.
    private static let baseSeconds = 14.0 * 86400

    package func sweep(living isLiving: (_ id: String) -> Bool) throws {
        guard Files.exists(directory) else { return }
        let mine = ["--filter", "label=\(EngineLabel.owner)=\(owner)"]
        let engine = try info().identity
        let label =
            DockerInfo.isPodman(engine)
            ? "index .Labels \"\(EngineLabel.run)\"" : ".Label \"\(EngineLabel.run)\""
        let listed = try run(
            ["ps", "--all", "--format", "{{\(label)}} {{.ID}} {{.Names}}", "--no-trunc"] + mine,
            to: "list the containers of", Self.program)
        // Looked at afterwards: a run's directory is there before anything of it is.
        let left = listed.split(separator: "\n").map { $0.split(separator: " ") }.filter {
            $0.count == 3 && !isLiving("smelt-\($0[0])")
        }
        func remove(watchers: Bool) throws {
            let these = left.filter { Self.isWatcher($0[2], of: $0[0]) == watchers }
            try self.remove(containers: these.map { String($0[1]) })
        }
        try remove(watchers: true)
        try remove(watchers: false)
        try removeOldBases(of: engine)
    }

    /// What somebody was killed at who filled a volume, or tried an image.
    private func removeBegun(_ known: String) throws {
        for name in Files.names(in: known) where name.hasSuffix(".begun") {
            let mark = "\(known)/\(name.dropLast(".begun".count))"
            guard let lock = try Lock.attempt("\(mark).lock", .exclusive, creating: true) else {
                continue
            }
            defer { withExtendedLifetime(lock.number) {} }
            try removeBegun(at: mark)
        }
    }

    /// The same of one mark, whose lock the caller holds.
    func removeBegun(at mark: String) throws {
        guard Files.exists("\(mark).begun") else { return }
        let name = try Files.readText("\(mark).begun", upTo: 256)
        try Removal.remove("\(Files.parent(of: mark))/.new-\(name)")
        try remove(containers: [name])
        // Whoever was killed right behind the last step has used it.
        let isWhole = (try? Files.readText(mark, upTo: 256)) == name
        if !isWhole {
            try run(["volume", "rm", "--force", name], to: "remove the volume", name)
        }
        unlink("\(mark).begun")
    }

    private func removeOldBases(of engine: String) throws {
        let known = "\(directory)/\(SafeName.of(engine))"
        try removeBegun(known)
        let oldest = time(nil) - Int(Self.baseSeconds)
        for name in Files.names(in: known) where !name.contains(".") && !name.hasPrefix("image-") {
            var facts = stat()
            guard stat("\(known)/\(name)", &facts) == 0, facts.st_mtim.tv_sec < oldest,
                let lock = try Lock.attempt("\(known)/\(name).lock", .exclusive, creating: true)
            else { continue }
            defer { withExtendedLifetime(lock.number) {} }
            let volume = try Files.readText("\(known)/\(name)", upTo: 256)
            // In use: it stays.
            if try call(["volume", "rm", volume]).succeeded { unlink("\(known)/\(name)") }
        }
    }
}

internal import Glibc
package import Records
internal import Smelt

/// The volume that all runs from one commit share: its objects, and `smelt-inside`. It is filled in a container that
/// is never started, so nothing of the image's runs meanwhile, and known by a file in the state directory, which is
/// touched whenever it is used.
extension Docker {
    package func bring(
        commit: String, for job: Job, _ readiness: Readiness,
        writingPack writePack: (_ objects: String) throws -> Void
    ) throws -> EngineFacts {
        let image = job.environment.image ?? readiness.imageDigest
        let known = "\(directory)/\(SafeName.of(readiness.engine))"
        try Files.makeDirectories(known)
        let helper = try EngineBase.helper()
        let digest = try SHA256.digest(Files.read(helper)).prefix(16)
        let mark = "\(known)/\(commit)-\(digest)"
        let lock = try Lock("\(mark).lock", .exclusive, creating: true)
        defer { withExtendedLifetime(lock.number) {} }
        let volume = try find(mark) ?? fill(mark, readiness, writePack)
        try check(image, readiness, volume, known)
        var facts = EngineFacts(
            image: image, imageDigest: readiness.imageDigest, engine: readiness.engine,
            variables: readiness.variables, names: ["base": volume],
            mounts: readiness.missing.contains("workspace.mounts")
                || job.workspace.mounts.isEmpty ? nil : job.workspace.mounts)
        if !readiness.volumes.isEmpty { facts.volumes = readiness.volumes }
        return facts
    }

    private func find(_ mark: String) throws -> String? {
        guard let volume = try? Files.readText(mark, upTo: 256), !volume.isEmpty,
            try call(["volume", "inspect", "--format", "{{.Name}}", volume]).succeeded
        else { return nil }
        utimensat(AT_FDCWD, mark, nil, 0)
        return volume
    }

    private func fill(
        _ mark: String, _ readiness: Readiness,
        _ writePack: (_ objects: String) throws -> Void
    ) throws -> String {
        let name = "smelt-base-\(RunID.make())"
        let building = "\(Files.parent(of: mark))/.new-\(name)"
        // Should this be killed, gc knows by it what was begun. What was begun before is not forgotten for it.
        try removeBegun(at: mark)
        try Files.replace("\(mark).begun", with: Array(name.utf8))
        defer { try? Removal.remove(building) }
        let base = "\(building)/base"
        try EngineBase.build(in: base, writePack)
        try run(["volume", "create"] + labels() + [name], to: "make the volume", name)
        do {
            try run(
                ["create", "--name", name, "--network", "none", "--log-driver", "none"] + labels()
                    + [
                        "--volume", "\(name):/base", "--entrypoint", "/base/smelt-inside",
                        readiness.imageDigest,
                    ],
                to: "make a container for the volume", name)
            try send(["."], of: base, owner: 0, to: "\(name):/base")
            try run(["rm", "--force", name], to: "remove the container", name)
        } catch {
            // What cannot be removed now gc removes, by what says that it was begun.
            let words = [["rm", "--force", name], ["volume", "rm", "--force", name]]
            let isGone = words.allSatisfy {
                (try? call($0, cancellable: false))?.succeeded == true
            }
            if isGone { unlink("\(mark).begun") }
            throw error
        }
        try Files.replace(mark, with: Array(name.utf8))
        unlink("\(mark).begun")
        return name
    }

    /// Whether the image has what is needed, once for each image.
    private func check(
        _ image: String, _ readiness: Readiness, _ volume: String, _ known: String
    ) throws {
        let mark = "\(known)/image-\(readiness.imageDigest.split(separator: ":").last ?? "")"
        guard !Files.exists(mark) else { return }
        let lock = try Lock("\(mark).lock", .exclusive, creating: true)
        defer { withExtendedLifetime(lock.number) {} }
        // Somebody else may have tried it meanwhile.
        guard !Files.exists(mark) else { return }
        try removeBegun(at: mark)
        let name = "smelt-trial-\(RunID.make())"
        try Files.replace("\(mark).begun", with: Array(name.utf8))
        defer {
            // It is there where it did not end by itself.
            if (try? remove(containers: [name])) != nil { unlink("\(mark).begun") }
        }
        let script = "command -v git >/dev/null || exit 9"
        let finished = try call(
            ["run", "--rm", "--name", name, "--network", "none", "--log-driver", "none"] + [
                "--read-only", "--no-healthcheck", "--cap-drop", "ALL", "--user", "65534:65534",
                "--security-opt", "no-new-privileges",
            ] + labels() + ["--entrypoint", "sh", readiness.imageDigest, "-c", script])
        if finished.ending == .exited(code: 9) {
            throw EngineFault.noProgram("git", image: image)
        }
        guard finished.succeeded else {
            if finished.ending == .exited(code: 127) {
                throw EngineFault.noProgram("sh", image: image)
            }
            throw Self.fault(finished, "start the image", image)
        }
        try Files.replace(mark, with: [])
    }

    /// Sends files beneath `directory` into a container, as an archive in which all belongs to `owner`.
    func send(_ names: [String], of directory: String, owner: UInt32, to target: String) throws {
        let pipe = try Descriptor.pipe()
        let reading = Descriptor(owning: pipe.reading)
        var packing: Coprocess
        do {
            let writing = Descriptor(owning: pipe.writing)
            var command = Command(
                [
                    "tar", "--format=gnu", "--numeric-owner", "--owner=\(owner)",
                    "--group=\(owner)", "-C", directory, "-cf", "-", "--",
                ] + names)
            command.output = .descriptor(writing.number)
            packing = try command.start()
        }
        // Podman keeps a copy of what it is sent, for ever, where files go that nobody keeps: there it has a place of its own.
        let copies = "\(directory).copies"
        try Files.makeDirectories(copies)
        defer { try? Removal.remove(copies) }
        try run(
            ["cp", "-", target], to: "copy into", target, input: .descriptor(reading.number),
            variables: ["TMPDIR=\(copies)"])
        guard packing.finish() == .exited(code: 0) else {
            throw RuntimeFault.notCopied(target, reason: "tar failed")
        }
    }
}

import Daemon
import Manifest
import Records
import Smelt
import Store
import Tasks
import Toml

/// A job from a file: a manifest in TOML, or a task in JSON.
enum AddFile {
    static func read(_ name: String, _ words: Words) throws -> NewJob {
        let bytes = try Files.read(name, upTo: NewJob.longestBody)
        let directory = try Files.canonical(Files.parent(of: name))
        let path = Files.resolve(Files.name(of: name), against: directory)
        var job =
            isJSON(bytes)
            ? try task(bytes, file: name, directory: directory)
            : try NewJob(
                manifest: SourceFile(name: name, path: path, directory: directory, text: bytes))
        AddOptions.apply(words, to: &job)
        return job
    }

    private static func isJSON(_ bytes: [UInt8]) -> Bool {
        bytes.first { ![0x20, 0x09, 0x0A, 0x0D].contains($0) } == UInt8(ascii: "{")
    }

    /// A task's slot and labels are the job's.
    static func task(_ bytes: [UInt8], file: String, directory: String) throws -> NewJob {
        let task = try TaskReader.read(bytes, file: file, runner: "smelt-exec")
        var job = NewJob(.task, name: task.slot, body: bytes)
        job.origin = directory
        job.slot = task.slot
        switch task.admission {
        case .dropIfRunning: job.admission = .drop
        case .replace: job.admission = .replace
        case .queue: job.admission = .queue
        }
        for (key, value) in task.labels.sorted(by: { $0.key < $1.key }) {
            job.labels.append(NewJob.Label(key, value))
        }
        return job
    }
}

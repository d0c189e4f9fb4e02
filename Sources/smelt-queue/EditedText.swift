import Daemon
import Glibc
import Manifest
import Smelt
import Store
import Toml

/// What a job does, as text in a file of its own, for an editor.
struct EditedText {
    private let former: NewJob
    /// What its text alone makes.
    let usual: NewJob?
    private let written: [UInt8]
    private let directory: String
    private let file: String

    init(of former: NewJob, _ id: RunID) throws(SystemFault) {
        self.former = former
        let place = Environment.nonEmpty("TMPDIR") ?? "/tmp"
        var name = Array("\(place)/smelt-edit.XXXXXX".utf8CString)
        guard mkdtemp(&name) != nil else { throw SystemFault(errno, "make a directory in", place) }
        directory = String(
            decoding: name.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        file = "\(directory)/\(id).\(former.kind == .manifest ? "toml" : "json")"
        usual = try? Self.job(former.body, like: former, name: file)
        written = former.body + (former.body.last == 10 ? [] : [10])
        try Files.replace(file, with: written)
    }

    /// The job that is in the file when the editor has ended; nil when it is the same.
    func edited() throws -> NewJob? {
        do {
            try edit()
            return try job()
        } catch {
            if isTouched { keep() } else { remove() }
            throw error
        }
    }

    private func job() throws -> NewJob? {
        var text = try Files.read(file, upTo: NewJob.longestBody + 1)
        if former.body.last != 10, text.last == 10 { text.removeLast() }
        guard text != former.body else {
            remove()
            return nil
        }
        let job = try Self.job(text, like: former, name: file)
        guard former.kind == .task else { return job }
        // As its text named them: those of the job may be of options.
        let named = usual ?? former
        guard job.slot == named.slot, job.admission == named.admission else {
            throw EditFault.slot
        }
        return job
    }

    /// Whether somebody has typed anything, also what the editor has only put beside the file yet.
    private var isTouched: Bool {
        let names = Files.names(in: directory)
        if names != [Files.name(of: file)] { return !names.isEmpty }
        return (try? Files.read(file, upTo: written.count)) != written
    }

    private func edit() throws {
        let editor = Environment.nonEmpty("VISUAL") ?? Environment.nonEmpty("EDITOR") ?? "vi"
        // By the shell, as everywhere: an editor may have options.
        var command = Command("sh", "-c", "\(editor) \"$1\"", "sh", file)
        command.leadsGroup = false
        // What is typed is the editor's.
        for number in [SIGINT, SIGQUIT] { signal(number, SIG_IGN) }
        let child = try command.spawn(input: 0, output: 1, errors: 2)
        var status: Int32 = 0
        _ = retrying { waitpid(child, &status, 0) }
        for number in [SIGINT, SIGQUIT] { signal(number, SIG_DFL) }
        guard status == 0 else { throw EditFault.editor(editor) }
    }

    /// The job that such a text makes, where the former one lay.
    static func job(_ text: [UInt8], like former: NewJob, name: String) throws -> NewJob {
        switch former.kind {
        case .command:
            let words = try CommandWords.read(text)
            return NewJob(.command, name: words[0], body: Add.body(words))
        case .task: return try AddFile.task(text, file: name, directory: former.origin ?? "/")
        case .manifest:
            let path = former.origin ?? name
            return try NewJob(
                manifest: SourceFile(
                    name: name, path: path, directory: Files.parent(of: path), text: text))
        }
    }

    /// What somebody has typed is not lost.
    func keep() { say("smelt-queue: the text stays in '\(file)'\n") }

    func remove() {
        for name in Files.names(in: directory) { unlink("\(directory)/\(name)") }
        rmdir(directory)
    }
}

enum EditFault: Fault {
    case editor(String)
    /// Of a task whose text names another one, or another admission.
    case slot

    var exit: Exit {
        switch self {
        case .editor: .no
        case .slot: .refused
        }
    }

    var description: String {
        switch self {
        case .editor(let name):
            "the editor '\(Visible.line(name))' failed, and nothing was changed: name another in VISUAL"
        case .slot:
            "the slot of a job and its admission stay: cancel it, and add the task anew"
        }
    }
}

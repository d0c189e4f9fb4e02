internal import Policies
package import Records
internal import Smelt
internal import Toml

extension Server {
    /// A machine that manifests are run on.
    package struct Worker: Equatable, Sendable {
        package var target: WorkerTarget
        /// Jobs at the same time, from 1 to 1024.
        package var capacity = 1

        package var name: String { target.name }
    }
}

extension ServerKeys {
    static let worker = Section(
        "worker", "A machine that jobs are sent to.",
        [
            Key("host", .text, required: true, "its name"),
            Key("user", .text, "who logs in"),
            Key("key_env", .text, "the variable that holds the key's path"),
            Key("port", .integer(1...65_535), normally: "22", "of its ssh"),
            Key("capacity", .integer(1...1024), normally: "1", "jobs at the same time"),
            Key("command", .text, normally: "smelt-queue", "the program there"),
            Key(
                "on_disconnect", .choice(WorkerTarget.Disconnect.allCases.map(\.rawValue)),
                normally: "end", "what becomes of a run whose line stays dead"),
            Key(
                "grace_secs", .duration(1...86_400), normally: "60",
                "for how long its line may be dead"),
        ])
}

extension ServerReader {
    /// Each once, by its name; ssh takes no name for an option.
    func workers(_ table: Table, connectSeconds: Double) -> [Server.Worker] {
        var names: Set<String> = []
        var workers: [Server.Worker] = []
        for one in table.tables("workers", ServerKeys.worker) {
            guard let host = one.text("host") else { continue }
            var target = WorkerTarget(host: host.value)
            target.user = one.text("user")?.value
            for word in [host, one.text("user")].compactMap({ $0 }) where !isPlain(word.value) {
                findings.complain(
                    word.place,
                    "\(word.path) is no name that ssh takes: '\(Visible.line(word.value))'")
            }
            target.port = one.integer("port")?.value
            target.keyEnv = one.text("key_env")?.value
            target.command = one.text("command")?.value
            target.onDisconnect = one.choice("on_disconnect", WorkerTarget.Disconnect.self)
            target.graceSeconds = one.duration("grace_secs")?.value
            target.connectSeconds = connectSeconds
            var worker = Server.Worker(target: target)
            worker.capacity = one.integer("capacity")?.value ?? 1
            guard names.insert(worker.name).inserted else {
                findings.complain(
                    host.place,
                    "the worker '\(Visible.line(worker.name))' is there already: "
                        + "raise its capacity instead")
                continue
            }
            workers.append(worker)
        }
        return workers
    }

    private func isPlain(_ word: String) -> Bool {
        !word.isEmpty && !word.hasPrefix("-")
            && word.utf8.allSatisfy { $0 > 0x20 && $0 != 0x7f && $0 != UInt8(ascii: "@") }
    }
}

internal import FoundationEssentials
package import Records
package import Smelt

/// The user's own `kubectl`, asked about one namespace: clusters, accounts and proxies are as people have them there.
package struct Kubectl: Equatable, Sendable {
    /// Of the kubeconfig; nil is the one that kubectl uses, inside a cluster the pod's own account.
    package let context: String?
    package let namespace: String

    package init(context: String?, namespace: String) {
        self.context = context
        self.namespace = namespace
    }

    package init(_ target: KubernetesTarget) {
        self.init(context: target.context, namespace: target.namespace)
    }

    /// A cluster that does not answer holds nobody up for longer, seconds.
    static let patience = 60.0

    /// The whole command line.
    package func words(_ words: [String]) -> [String] {
        ["kubectl"] + (context.map { ["--context", $0] } ?? []) + ["--namespace", namespace] + words
    }

    /// Runs it to its end; `action` says in a fault what it was to do.
    package func run(
        _ words: [String], to action: String, input: Command.Input = .null, cancellable: Bool = true
    ) throws -> [UInt8] {
        var command = Command(self.words(words))
        command.input = input
        command.timeout = Self.patience
        command.cancellable = cancellable
        let finished = try command.run()
        guard finished.succeeded else {
            throw KubernetesFault(action, complaint: finished.errors)
        }
        return finished.output
    }

    /// Which cluster it is: the server's address.
    package func cluster() throws -> String {
        do {
            let bytes = try run(
                [
                    "config", "view", "--minify", "--output",
                    "jsonpath={.clusters[0].cluster.server}",
                ], to: "find the cluster")
            return Visible.line(String(decoding: bytes, as: UTF8.self))
        } catch let fault as KubernetesFault {
            // Inside a cluster there is no configuration, and kubectl takes the pod's own account.
            guard context == nil, let host = Environment.nonEmpty("KUBERNETES_SERVICE_HOST") else {
                throw fault
            }
            return "\(host):\(Environment["KUBERNETES_SERVICE_PORT"] ?? "443")"
        }
    }

    // MARK: environments

    /// Makes what the order says. Nothing stays when a part of it is refused.
    package func create(_ order: KubernetesOrder) throws {
        do {
            // One after the other: of several that it is given at once kubectl makes the next after one that was refused.
            _ = try create(order.policy, to: "make the network policy '\(order.name)'")
            let action = "make the job '\(order.name)'"
            let uid = try create(order.jobDocument, to: action)
            guard !uid.isEmpty else {
                throw KubernetesFault.other(action: action, reason: "it has no uid")
            }
            try adopt(order.name, job: uid)
        } catch {
            _ = try? remove(order.name)
            throw error
        }
    }

    /// Gives its uid; of what is there already the same where this state directory made it: for a run that was killed then.
    private func create(_ document: JSONValue, to action: String) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let bytes = Array(try encoder.encode(document))
        do {
            let made = try run(
                ["create", "--filename", "-", "--output", "jsonpath={.metadata.uid}"],
                to: action, input: .bytes(bytes))
            return String(decoding: made, as: UTF8.self)
        } catch KubernetesFault.taken(_, let reason) {
            // Of what is named by a file kubectl gives a list, or the only one.
            let owner = EngineLabel.owner
            let words = ["uid", "labels.\(owner.replacing(".", with: "\\."))"].map {
                "{.items[*].metadata.\($0)}{.metadata.\($0)}"
            }
            let there = try run(
                [
                    "get", "--filename", "-", "--output",
                    "jsonpath=\(words.joined(separator: "{\"\\n\"}"))",
                ], to: action, input: .bytes(bytes))
            let lines = String(decoding: there, as: UTF8.self).split(separator: "\n")
            guard lines.count == 2, lines[1] == document["metadata"]?["labels"]?[owner]?.text ?? ""
            else { throw KubernetesFault.taken(action: action, reason: reason) }
            return String(lines[0])
        }
    }

    /// Has the cluster remove the policy together with the job, should nobody else.
    private func adopt(_ name: String, job uid: String) throws {
        let owner: JSONValue = [
            "metadata": [
                "ownerReferences": [
                    [
                        "apiVersion": "batch/v1", "kind": "Job", "name": .string(name),
                        "uid": .string(uid),
                    ]
                ]
            ]
        ]
        try patch(
            "networkpolicy/\(name)", owner, to: "bind the network policy to the job '\(name)'")
    }

    /// From now on the cluster makes no other pod in place of one that is lost. Those that were lost before this one, at
    /// least `lost`, are counted, and a number below theirs would end the job now.
    package func settle(_ name: String, lost: Int) throws {
        let said = try run(
            ["get", "job/\(name)", "--output", "jsonpath={.status.failed}"],
            to: "look at the job '\(name)'")
        let failed = Int(String(decoding: said, as: UTF8.self)) ?? 0
        try patch(
            "job/\(name)", ["spec": ["backoffLimit": .integer(max(lost, failed))]],
            to: "have the job '\(name)' not made again")
    }

    private func patch(_ object: String, _ change: JSONValue, to action: String) throws {
        let text = String(decoding: try JSONEncoder().encode(change), as: UTF8.self)
        _ = try run(["patch", object, "--type", "merge", "--patch", text], to: action)
    }

    /// Removes an environment's job, with it its pod, and its policy, where this state directory made them. What is not there
    /// any more is no fault; false where nothing was.
    @discardableResult
    package func remove(_ name: String) throws -> Bool {
        let run = name.split(separator: "-").last ?? ""
        let mine = "\(EngineLabel.run)=\(run),\(EngineLabel.owner)=\(try EngineOwner.id())"
        let removed = try self.run(
            [
                "delete", "jobs,networkpolicies", "--selector", mine, "--ignore-not-found",
                "--wait=false", "--output", "name",
            ], to: "remove the job '\(name)'", cancellable: false)
        return !removed.isEmpty
    }

    /// The pod as it is now; nil when it is not there any more.
    package func pod(_ name: String) throws -> KubernetesPod? {
        let bytes = try run(
            ["get", "pod/\(name)", "--ignore-not-found", "--output", "json"],
            to: "look at the pod '\(name)'", cancellable: false)
        guard !bytes.isEmpty else { return nil }
        return KubernetesPod(try JSONDecoder().decode(JSONValue.self, from: Data(bytes)))
    }

    /// What events for that reason say of a pod, of which the last tells.
    package func events(of pod: String, reason: String) throws -> [String] {
        let bytes = try run(
            [
                "get", "events", "--field-selector",
                "involvedObject.name=\(pod),reason=\(reason)", "--output", "json",
            ], to: "ask what became of the pod '\(pod)'", cancellable: false)
        let list = try JSONDecoder().decode(JSONValue.self, from: Data(bytes))
        return (list["items"]?.elements ?? []).compactMap { $0["message"]?.text }
    }

    /// The names of what `owner` has made, `smelt-<run>`. As a table, which of thousands is short.
    package func environments(of owner: String) throws -> [String] {
        let bytes = try run(
            [
                "get", "jobs,networkpolicies", "--selector",
                "\(EngineLabel.owner)=\(owner)", "--no-headers",
            ], to: "list what is there of '\(owner)'")
        let names = bytes.split(separator: 10).compactMap { line in
            line.split(separator: 32).first?.split(separator: UInt8(ascii: "/")).last
        }
        return Set(names.map { String(decoding: $0, as: UTF8.self) }).sorted()
    }
}

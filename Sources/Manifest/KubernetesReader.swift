internal import Policies
internal import Records
internal import Smelt
internal import Toml

/// Where in a cluster the pod runs. What the server would refuse is found here as far as it shows in the file.
struct KubernetesReader {
    /// Where relative paths start.
    let directory: String
    let findings: Findings

    /// Nil where the job is for another runtime. Fills in the limits that it names.
    func read(
        _ table: Table, _ environment: JobEnvironment?, limits: inout Limits
    ) -> KubernetesTarget? {
        let runtime = environment?.runtime
        guard let section = table.table("kubernetes", JobKeys.kubernetes) else {
            if runtime == .kubernetes, !table.mentions("kubernetes") {
                findings.complain(
                    table.place, "kubernetes is missing: the runtime kubernetes needs [kubernetes]")
            }
            return nil
        }
        if let runtime, runtime != .kubernetes {
            findings.complain(
                section.place,
                "kubernetes has no use with the runtime \(runtime): remove it, or choose kubernetes"
            )
        }
        readLimits(section, into: &limits)
        var target = KubernetesTarget(
            namespace: name(section, "namespace", KubernetesNames.isLabel) ?? "")
        target.context = section.text("context")?.value
        target.serviceAccount = name(section, "service_account")
        if let variable = section.text("ssh_key_env") {
            SecretCheck(findings: findings).check(variable)
            target.sshKeyEnv = variable.value
        }
        target.cpuRequest = request(section, "cpu_request", limit: limits.cpu)
        target.memoryRequest = request(
            section, "memory_request", limit: limits.memoryBytes.map(Double.init))
        target.nodeSelector = labels(section, "node_selector")
        target.tolerations = tolerations(section)
        target.affinity = affinity(section)
        target.priorityClass = name(section, "priority_class")
        target.imagePullSecrets = names(section, "image_pull_secrets")
        target.runtimeClass = name(section, "runtime_class")
        target.labels = labels(section, "labels")
        target.annotations = annotations(section)
        target.user = section.integer("user")?.value
        target.startSeconds = section.duration("start_timeout")?.value ?? target.startSeconds
        target.ttlSeconds = section.duration("ttl")?.value ?? target.ttlSeconds
        target.podTemplate = template(section)
        return target
    }

    // MARK: amounts

    private func readLimits(_ section: Table, into limits: inout Limits) {
        if let cpu = quantity(section, "cpu_limit") {
            if limits.cpu != nil { complainOfTwo(cpu, "cpu") }
            if !SandboxKeys.processors.contains(cpu.amount) {
                findings.complain(
                    cpu.found.place, "\(cpu.found.path) must be from \"10m\" to \"4096\"")
            }
            limits.cpu = cpu.amount
        }
        if let memory = quantity(section, "memory_limit") {
            if limits.memoryBytes != nil { complainOfTwo(memory, "memory") }
            let bytes = Int(memory.amount.rounded())
            if !SandboxKeys.sizes.contains(bytes) {
                findings.complain(
                    memory.found.place, "\(memory.found.path) must be from 1 byte to 1 PiB")
            }
            limits.memoryBytes = bytes
        }
    }

    private typealias Amount = (amount: Double, found: Found<String>)

    private func complainOfTwo(_ amount: Amount, _ name: String) {
        findings.complain(
            amount.found.place,
            "\(amount.found.path) and limits.\(name) are the same: keep one of them")
    }

    private func quantity(_ section: Table, _ key: String) -> Amount? {
        guard let found = section.text(key) else { return nil }
        guard let amount = KubernetesNames.quantity(found.value), amount <= 0x1p50 else {
            findings.complain(
                found.place,
                "\(found.path) must be a quantity such as \"500m\", \"2\" or \"512Mi\", not "
                    + "'\(found.value)'")
            return nil
        }
        return (amount, found)
    }

    private func request(_ section: Table, _ key: String, limit: Double?) -> String? {
        guard let (amount, found) = quantity(section, key) else { return nil }
        if let limit, amount > limit {
            findings.complain(
                found.place, "\(found.path) is more than the limit: no node could grant it")
        }
        return found.value
    }

    // MARK: names

    private func name(
        _ section: Table, _ key: String,
        _ isGood: (String) -> Bool = { KubernetesNames.isSubdomain($0) }
    ) -> String? {
        section.text(key).flatMap { check($0, isGood) }
    }

    private func names(_ section: Table, _ key: String) -> [String]? {
        let found = section.texts(key).compactMap { check($0) { KubernetesNames.isSubdomain($0) } }
        return found.isEmpty ? nil : found
    }

    private func check(_ name: Found<String>, _ isGood: (String) -> Bool) -> String? {
        if isGood(name.value) { return name.value }
        findings.complain(
            name.place,
            "\(name.path): '\(name.value)' is no name in Kubernetes: use lower-case letters, digits "
                + "and '-'")
        return nil
    }

    private func labels(_ section: Table, _ key: String) -> [String: String]? {
        var labels: [String: String] = [:]
        for (name, place, value) in section.map(key) {
            checkKey(name, place, value.path, isOurs: key == "labels")
            if !KubernetesNames.isValue(value.value) {
                findings.complain(
                    value.place,
                    "\(value.path): '\(value.value)' is no label: use at most 63 letters, digits, "
                        + "'-', '_' and '.', a letter or digit first and last")
            }
            labels[name] = value.value
        }
        return labels.isEmpty ? nil : labels
    }

    private func annotations(_ section: Table) -> [String: String]? {
        var annotations: [String: String] = [:]
        for (name, place, value) in section.map("annotations") {
            checkKey(name, place, value.path, isOurs: true)
            annotations[name] = value.value
        }
        return annotations.isEmpty ? nil : annotations
    }

    private func checkKey(_ key: String, _ place: Place, _ path: String, isOurs: Bool) {
        if !KubernetesNames.isKey(key) {
            findings.complain(
                place, "\(path): '\(key)' is no key of a label: write NAME, or DOMAIN/NAME")
        } else if isOurs, key.hasPrefix("smelt.") || key == "app.kubernetes.io/managed-by" {
            findings.complain(place, "\(path): '\(key)' is set by smelt: choose another name")
        }
    }

    private func tolerations(_ section: Table) -> [JSONValue]? {
        let tables = section.elements("tolerations").compactMap { element -> JSONValue? in
            guard case .table(let members) = element.value.value else { return nil }
            let table = Table(
                members, at: element.place, path: element.path, JobKeys.toleration, findings)
            if !table.mentions("key"), table.text("operator")?.value != "Exists" {
                findings.complain(
                    table.place,
                    "\(table.path) names no key: add one, or operator = \"Exists\" for every taint")
            }
            return element.value.json
        }
        return tables.isEmpty ? nil : tables
    }

    private func affinity(_ section: Table) -> JSONValue? {
        guard let found = section.any("affinity") else { return nil }
        if !found.value.isTable {
            findings.complain(found.place, "\(found.path) must be a table, not \(found.value.kind)")
        }
        return found.value.json
    }

    // MARK: the template

    /// It goes into the job whole, so that the log tells what was asked for whatever becomes of its file.
    private func template(_ section: Table) -> JSONValue? {
        guard let found = section.text("pod_template") else { return nil }
        let path = Paths(directory: directory).absolute(found.value)
        do {
            let bytes = try Files.read(path, upTo: 1 << 18)
            return try PodTemplate.read(bytes)
        } catch {
            let reason = (error as? any Fault).map { "\($0)" } ?? "it is no JSON"
            findings.complain(found.place, "\(found.path): '\(found.value)' is no pod: \(reason)")
            return nil
        }
    }
}

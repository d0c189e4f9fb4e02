internal import Policies
internal import Records
internal import Smelt
internal import Toml

/// The pieces of work, and whether their dependencies can be met.
struct SessionReader {
    let agents: AgentReader
    /// Whether sessions without an agent of their own have one.
    let haveAgent: Bool
    let credentials: Credentials?
    let findings: Findings

    func read(_ tables: [Table], hasAny: Bool) -> [Session] {
        if hasAny, tables.isEmpty {
            findings.complain(.start, "session is empty: a job has at least one [[session]]")
        }
        var names = SessionNames(findings: findings)
        for table in tables { names.add(table) }
        var graph = Dependencies(findings: findings)
        let sessions = tables.map { table in
            let dependencies = table.texts("depends_on")
            graph.add(table.text("name"), dependsOn: dependencies, known: names.known)
            return read(table, dependencies: dependencies.map(\.value))
        }
        graph.checkCycles()
        return sessions
    }

    private func read(_ table: Table, dependencies: [String]) -> Session {
        let harness = table.text("harness")
        if let harness, !haveAgent, !table.mentions("agent"),
            harness.value.allSatisfy(\.isWhitespace)
        {
            findings.complain(
                harness.place,
                "\(harness.path) is empty and there is no agent: nothing would be done")
        }
        return Session(
            name: table.text("name")?.value ?? "", spec: table.text("spec")?.value ?? "",
            harness: harness?.value ?? "",
            timeoutSeconds: table.duration("timeout")?.value ?? 0, dependsOn: dependencies,
            agent: agents.read(table, "agent"), env: readVariables(table),
            workingDirectory: readDirectory(table), credentials: readCredentials(table))
    }

    /// Nil when it says nothing, and so gets all of them.
    private func readCredentials(_ table: Table) -> [String]? {
        guard table.mentions("credentials") else { return nil }
        let known = Set((credentials?.env ?? [:]).keys).union((credentials?.files ?? [:]).keys)
        return table.texts("credentials").map { name in
            if !known.contains(name.value) {
                let near = Spelling.nearest(to: name.value, among: known.sorted())
                let remedy =
                    near.map { "did you mean '\($0)'?" } ?? "name it in [credentials.env] or .files"
                findings.complain(
                    name.place, "\(name.path): there is no credential '\(name.value)'; \(remedy)")
            }
            return name.value
        }
    }

    private func readVariables(_ table: Table) -> [String: String] {
        var variables: [String: String] = [:]
        for (name, place, text) in table.map("env") {
            EnvironmentNames(findings: findings).check(name, at: place, path: text.path)
            variables[name] = text.value
        }
        return variables
    }

    private func readDirectory(_ table: Table) -> String? {
        guard let directory = table.text("working_directory") else { return nil }
        if directory.value.hasPrefix("/") || Paths.climbs(directory.value) {
            findings.complain(
                directory.place,
                "\(directory.path) must stay in the workspace: a relative path without '..'")
        }
        return directory.value
    }
}

/// The sessions' names, which are branches and directories, so that case does not tell them apart.
private struct SessionNames {
    let findings: Findings
    /// Also those that are bad, so that who depends on them is not reported as well.
    private(set) var known: Set<String> = []
    private var folded: [String: String] = [:]

    init(findings: Findings) {
        self.findings = findings
    }

    mutating func add(_ table: Table) {
        guard let name = table.text("name") else { return }
        known.insert(name.value)
        if let complaint = Names.complaint(about: name.value) {
            findings.complain(name.place, "\(name.path) \(complaint)")
        } else if let other = folded[name.value.lowercased()] {
            let how = other == name.value ? "is taken" : "differs from '\(other)' only in case"
            findings.complain(
                name.place, "\(name.path) '\(name.value)' \(how): choose another name")
        }
        folded[name.value.lowercased()] = name.value
    }
}

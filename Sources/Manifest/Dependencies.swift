internal import Smelt
internal import Toml

/// Who waits for whom.
struct Dependencies {
    let findings: Findings
    private var edges: [String: [Found<String>]] = [:]
    private var order: [String] = []

    init(findings: Findings) {
        self.findings = findings
    }

    mutating func add(_ name: Found<String>?, dependsOn: [Found<String>], known: Set<String>) {
        var good: [Found<String>] = []
        for other in dependsOn {
            if other.value == name?.value {
                findings.complain(
                    other.place, "\(other.path): '\(other.value)' waits for itself: remove it")
            } else if !known.contains(other.value) {
                let near = Spelling.nearest(to: other.value, among: known.sorted())
                let remedy = near.map { "did you mean '\($0)'?" } ?? "name a session of this file"
                findings.complain(
                    other.place, "\(other.path): there is no session '\(other.value)'; \(remedy)")
            } else if good.contains(where: { $0.value == other.value }) {
                findings.complain(other.place, "\(other.path): '\(other.value)' is named twice")
            } else {
                good.append(other)
            }
        }
        guard let name, edges[name.value] == nil else { return }
        edges[name.value] = good
        order.append(name.value)
    }

    /// Reports each ring once, at the dependency that closes it. Without recursion: a chain may be
    /// as long as a file can hold.
    func checkCycles() {
        var done: Set<String> = []
        for start in order where !done.contains(start) {
            var path = [(name: start, next: 0)]
            var onPath: Set<String> = [start]
            while let (name, next) = path.last {
                guard let edges = edges[name], next < edges.count else {
                    path.removeLast()
                    onPath.remove(name)
                    done.insert(name)
                    continue
                }
                path[path.count - 1].next += 1
                let edge = edges[next]
                if onPath.contains(edge.value) {
                    report(path.map(\.name), closing: edge)
                } else if !done.contains(edge.value) {
                    path.append((edge.value, 0))
                    onPath.insert(edge.value)
                }
            }
        }
    }

    private func report(_ path: [String], closing edge: Found<String>) {
        let ring = path.drop { $0 != edge.value } + [edge.value]
        let shown = ring.count <= 12 ? Array(ring) : ring.prefix(6) + ["…"] + ring.suffix(5)
        findings.complain(
            edge.place,
            "\(edge.path): sessions wait for each other: \(shown.joined(separator: " → "))")
    }
}

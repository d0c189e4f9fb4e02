internal import Smelt
package import Toml

/// Policies read from files, each behind those that it builds on, as one.
package struct PolicyFiles {
    package private(set) var policy = Policy()
    /// Lines for people: what is good and may not be what was meant.
    package private(set) var warnings: [String] = []
    /// Every file that had a say, by the name that it was opened by.
    package private(set) var names: [String] = []
    private var faults: [SourceFault] = []
    private var known: Set<String> = []
    /// Those that are being read, each building on the next.
    private var chain: [String] = []

    /// Policies that build on each other.
    package static let deepest = 8

    /// A later one adds to the earlier ones. Every problem of all of them is in the fault.
    package init(_ names: [String]) throws(PolicyFault) {
        for name in names { try read(TrustedFile(name), name) }
        guard faults.isEmpty else { throw .invalid(faults) }
    }

    /// One file whose text is already here; it can build on others.
    package init(_ source: SourceFile) throws(PolicyFault) {
        take(source, identity: source.path)
        guard faults.isEmpty else { throw .invalid(faults) }
    }

    private mutating func read(_ file: consuming TrustedFile, _ name: String) {
        let (source, identity) = (file.source, file.identity)
        // A file that is named twice counts once, where it comes first.
        guard known.insert(identity).inserted else { return }
        names.append(name)
        take(source, identity: identity)
    }

    private mutating func take(_ source: SourceFile, identity: String) {
        chain.append(identity)
        defer { chain.removeLast() }
        let findings = Findings()
        do throws(SourceFault) {
            let table = Table(
                try source.members(), at: .start, path: "", PolicyKeys.policy, findings)
            var opened: [String] = []
            let reader = PolicyReader(table: table, source: source, findings: findings) { name in
                let file = try TrustedFile(name)
                opened.append(name)
                return file.source
            }
            for found in table.texts("extends") { extend(found, reader) }
            let own = reader.read()
            names += opened
            let widened = Widening(of: policy, by: own).found
            policy.add(own)
            let told = try findings.result(for: source.name) + widened
            warnings += told.sorted().map { $0.line(in: source.name) }
        } catch {
            faults.append(error)
        }
    }

    private mutating func extend(_ found: Found<String>, _ reader: PolicyReader) {
        func complain(_ reason: String) {
            reader.findings.complain(found.place, "\(found.path): \(reason)")
        }
        guard reader.path(found) != nil else { return }
        let name = reader.beside(found.value)
        do throws(PolicyFault) {
            let file = try TrustedFile(name)
            if chain.contains(file.identity) {
                return complain(
                    "'\(name)' builds on this file: policies cannot go round in a circle")
            }
            guard chain.count < Self.deepest else {
                return complain(
                    "'\(name)' would be more than \(Self.deepest) policies, each on the next: "
                        + "build on fewer")
            }
            read(file, name)
        } catch {
            complain("\(error)")
        }
    }
}

package import Records
internal import Smelt
package import Toml

/// A job manifest that was read and found good.
package struct Manifest: Sendable {
    package let job: Job
    /// The file it came from, and its digest.
    package let source: RunPlanned.Source
    /// What people should know although the job can be planned.
    package let warnings: [Problem]

    /// Reads and checks a file; `-` is standard input, of which `begun` was read already. Every problem is in the fault.
    package static func read(
        _ file: String, begun: [UInt8] = []
    ) throws(ManifestFault) -> Manifest {
        let source: SourceFile
        do throws(SourceFault) { source = try SourceFile.read(file, begun: begun) } catch {
            throw ManifestFault(error)
        }
        return try Manifest(source)
    }

    /// Checks text that is already here.
    package init(_ file: SourceFile) throws(ManifestFault) {
        let job: Job?
        do throws(SourceFault) {
            let findings = Findings()
            let table = Table(try file.members(), at: .start, path: "", JobKeys.manifest, findings)
            job = JobReader(table: table, directory: file.directory, findings: findings).read()
            warnings = try findings.result(for: file.name)
        } catch { throw ManifestFault(error) }
        guard let job else { throw .invalid(file: file.name, problems: [Self.noJob]) }
        self.job = job
        source = RunPlanned.Source(path: file.path, sha256: SHA256.digest(file.text))
    }

    /// Cannot be: what makes no job was reported.
    private static let noJob = Problem(.start, "the file holds no job")
}

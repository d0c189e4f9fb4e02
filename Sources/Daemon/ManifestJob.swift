package import Manifest
internal import Records
internal import Smelt
package import Store
package import Toml

extension NewJob {
    /// The job that a manifest asks for; everything that is wrong with it is in the fault. Two manifests with one repository and
    /// one target for their results have one lock.
    package init(manifest source: SourceFile) throws(ManifestFault) {
        let job = try Manifest(source).job
        self.init(.manifest, name: job.name, body: source.text)
        origin = source.path
        let place = "\(job.repository) \(job.merge.target)"
        lock = place.utf8.count <= 255 ? place : SHA256.digest(place.utf8)
    }
}

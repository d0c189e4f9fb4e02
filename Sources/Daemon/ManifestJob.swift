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
        let place = "\(Self.place(of: job.repository)) \(job.merge.target)"
        lock = place.utf8.count <= 255 ? place : SHA256.digest(place.utf8)
    }

    /// One name for a repository under those that are used for it: on this machine its directory, without links and without the
    /// `.git` of a checkout; elsewhere the address without what git adds by itself. A worktree of its own is another place.
    static func place(of repository: String) -> String {
        let file = "file://"
        let path = repository.hasPrefix(file) ? repository.dropFirst(file.count) : repository[...]
        let isHere = path.hasPrefix("/")
        var place = String(isHere ? path : repository[...])
        if isHere { place = (try? Files.canonical(place)) ?? place }
        while place.count > 1, place.hasSuffix("/") { place.removeLast() }
        let ending = isHere ? "/.git" : ".git"
        return place.hasSuffix(ending) ? String(place.dropLast(ending.count)) : place
    }
}

internal import Glibc
internal import Smelt

/// Groups of runs whose owners were killed before they could remove them.
package enum CgroupSweep {
    /// Removes those in every place where this process could have made some.
    package static func everywhere() {
        var places = (try? CgroupTree())?.upwards ?? []
        if let own = Environment.nonEmpty("SMELT_CGROUP"), CgroupTree.isGroup(own) {
            places.append(own)
        }
        for place in places { sweep(place) }
    }

    /// Removes those in one place. An owner who lives holds a lock on his; in what nobody holds everything is killed.
    static func sweep(_ place: String) {
        for name in Files.names(in: place) where Cgroup.isOfRun(name) {
            let path = "\(place)/\(name)"
            guard let directory = try? Descriptor(opening: path, O_RDONLY | O_DIRECTORY),
                flock(directory.number, LOCK_EX | LOCK_NB) == 0
            else { continue }
            try? writeKnob("1", to: "cgroup.kill", in: directory.number, path: path)
            Cgroup.remove(path, directory.number)
        }
    }
}

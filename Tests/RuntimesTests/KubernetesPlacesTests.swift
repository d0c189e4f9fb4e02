import Glibc
import Smelt
import Testing

@testable import Runtimes

/// Where something was made once, and is looked for.
struct KubernetesPlacesTests {
    /// What is remembered after a sweep of a place that nobody has used for so many days.
    static func left(
        after days: Int, _ clear: (KubernetesPlaces.Place) throws -> Bool
    ) throws -> (count: Int, isFault: Bool) {
        let place = try Place()
        let places = KubernetesPlaces(in: place.path)
        try places.remember(Kubectl(context: nil, namespace: "n"), engine: "e")
        for name in Files.names(in: place.path) {
            let then = timespec(tv_sec: time(nil) - days * 86_400, tv_nsec: 0)
            utimensat(AT_FDCWD, "\(place.path)/\(name)", [then, then], 0)
        }
        var isFault = false
        do { try places.sweep(clear) } catch { isFault = true }
        return (Files.names(in: place.path).count, isFault)
    }

    @Test(arguments: [(0, true, 1), (2, false, 1), (2, true, 0), (20, false, 1)])
    func `what is clear is forgotten a day later`(days: Int, isClear: Bool, count: Int) throws {
        let left = try Self.left(after: days) { _ in isClear }
        #expect(left == (count, false))
    }

    @Test(arguments: [(0, 1, true), (13, 1, true), (15, 0, false)])
    func `a cluster that does not answer is asked for two weeks`(
        days: Int, count: Int, isFault: Bool
    ) throws {
        let left = try Self.left(after: days) { _ in
            throw KubernetesFault.unreachable(action: "look", reason: "no")
        }
        #expect(left == (count, isFault))
    }

    @Test func `who cancels is heard`() throws {
        let left = try Self.left(after: 20) { _ in throw Cancelled(.interrupted) }
        #expect(left == (1, true))
    }
}

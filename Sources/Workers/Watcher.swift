internal import Glibc
package import Smelt

/// `smelt-queue work --watch RUN`, beside the supervisor in a session of its own: waits for its end, and ends what it began when
/// it was killed. So a run that the other side believes to be ended over a dead line is; where both are killed, whoever comes next
/// does the same.
package enum Watcher {
    package static func run(_ id: String) throws -> Exit {
        guard let run = RunID(id) else { throw Usage("'\(Visible.line(id))' is no run id") }
        let place = WorkPlace(run: run, state: try Places.state())
        let lock: Lock
        do { lock = try Lock(place.lock, .shared) } catch let fault as SystemFault {
            // All of it is over, and gone.
            if fault.number == ENOENT { return .done }
            throw fault
        }
        // What cannot be ended so long is left to whoever comes next.
        let deadline = monotonicSeconds() + Door.longestEnd
        while monotonicSeconds() < deadline, isOf(lock, place), !place.endRest() {
            _ = poll(nil, 0, Int32(Door.soon * 1000))
        }
        return .done
    }

    /// Whether it is the run whose end was waited for, and not one that was begun anew in its place meanwhile.
    private static func isOf(_ lock: borrowing Lock, _ place: WorkPlace) -> Bool {
        var (held, there) = (stat(), stat())
        return fstat(lock.number, &held) == 0 && stat(place.lock, &there) == 0
            && (held.st_ino, held.st_dev) == (there.st_ino, there.st_dev)
    }

    /// Begins it. It holds nothing of what the door waits for.
    static func begin(_ run: RunID) throws {
        var command = Command("smelt-queue", "work", "--watch", "\(run)")
        command.directory = "/"
        command.leadsSession = true
        _ = try command.spawn(input: -1, output: -1, errors: 2)
    }
}

internal import Manifest
internal import Records
internal import Smelt
internal import Store

/// Which jobs begin where: manifests on the workers, where there are any; commands and tasks, which are about this machine's
/// files, always here.
extension Daemon {
    /// Whether somebody has room for what there may be; asks workers that nothing is known of.
    func hasRoom() throws(StoreFault) -> Bool {
        if fleet.isEmpty { return true }
        let ready = fleet.ready(loads: try store.loads(), environment: start.environment)
        return isHungryHere || !ready.isEmpty
    }

    private var isHungryHere: Bool {
        if fleet.here.hasNone { return false }
        guard fleet.here.at > monotonicSeconds() else { return true }
        fleet.wake(at: fleet.here.at)
        return false
    }

    /// The next job and where it is to run; nil is here. Nothing when there is none for anybody with room.
    func next(_ now: Instant) throws(StoreFault) -> (job: Claimed, worker: WorkerTarget?)? {
        if fleet.isEmpty { return try store.claim(claimant, now).map { ($0, nil) } }
        let targets = fleet.ready(loads: try store.loads(), environment: start.environment)
        let isHere = isHungryHere
        guard isHere || !targets.isEmpty else { return nil }
        let began = monotonicSeconds()
        // All at once, so that what is for one machine takes its turn with what is for another.
        let claimants = Claimant(
            owner: owner.text, workers: targets.map(\.name), here: isHere ? "" : nil,
            lease: claimant.lease, fleet: fleet.names)
        guard let job = try store.claim(claimants, now) else {
            let seconds = monotonicSeconds() - began
            for target in targets { fleet.foundNothing(target, after: seconds) }
            if isHere { fleet.here.foundNothing(after: seconds) }
            return nil
        }
        let target = targets.first { $0.name == job.worker }
        if let target { fleet.took(target) }
        return (job, target)
    }

    /// What a run's end says of the worker that it was on, and whether there is another to try.
    func judge(_ outcome: inout Outcome, of lease: Lease) throws(StoreFault) {
        // What is behind the result is done here.
        if outcome.hasResult { return }
        let troubles = ["unreachable", "line_lost", "worker_broken"]
        let isTrouble = outcome.code.map { troubles.contains($0) } ?? false
        guard !fleet.isEmpty, isTrouble || outcome.status == Exit.unavailable.rawValue,
            let placement = try store.placement(of: lease), !placement.worker.isEmpty
        else { return }
        if isTrouble { fleet.doubt(placement.worker) }
        outcome.elsewhere =
            !fleet.names.subtracting(placement.avoided).subtracting([placement.worker]).isEmpty
    }
}

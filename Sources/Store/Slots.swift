internal import Smelt

/// Slots: of those with the same slot one goes on at a time, from when it is added until it is over; the others wait in order
/// (Solti's admission, with the queue on disk).
extension Store {
    enum SlotEntry {
        case refused(Admission)
        /// 0 for the slot itself.
        case place(Int64)
    }

    /// Where those who wait begin, with room before it for replacements.
    private static let firstPlace: Int64 = 1 << 40

    /// Lets a job into a slot, or not. `replace` asks whoever has the slot to stop, and takes the place of the next.
    func enter(
        slot: String, _ admission: SlotAdmission, _ now: Instant
    ) throws(StoreFault) -> SlotEntry {
        guard let holder = try occupant(of: slot) else { return .place(0) }
        switch admission {
        case .drop:
            guard let id = RunID(holder.id) else { throw .unknownJob(holder.id) }
            return .refused(.dropped(by: id))
        case .queue:
            let waiting = try database.first(
                """
                SELECT count(*), max(place) FROM jobs WHERE slot = ? AND slot IS NOT NULL AND state < 8 AND place > 0
                """, .text(slot)
            ) { (row) throws(StoreFault) in (row.number(0), try row.soundOptional(1)) }
            guard (waiting?.0 ?? 0) < NewJob.longestSlot else {
                return .refused(.full(slot: slot))
            }
            return .place(waiting?.1.map { $0 + 1 } ?? Self.firstPlace)
        case .replace:
            return .place(try supersede(holder, in: slot, now))
        }
    }

    private func supersede(
        _ holder: JobRow, in slot: String, _ now: Instant
    ) throws(StoreFault) -> Int64 {
        let head = try database.first(
            """
            SELECT job, place FROM jobs WHERE slot = ? AND slot IS NOT NULL AND state < 8 AND place > 0
            ORDER BY place LIMIT 1
            """, .text(slot)
        ) { ($0.number(0), $0.number(1)) }
        let why = "superseded in slot '\(slot)'"
        guard holder.state.isTaken else {
            // Nobody runs it: its place is free at once. Those behind it stay.
            var gone = holder
            gone.place = nil
            try end(holder, gone, as: .cancelled, now, why: why)
            return 0
        }
        if !holder.cancel {
            var asked = holder
            asked.cancel = true
            asked.reason = why
            try put(holder, asked, now)
        }
        guard let head else { return Self.firstPlace }
        let next = try row(head.0)
        try end(next, as: .cancelled, now, why: why)
        return head.1
    }

    func occupant(of slot: String) throws(StoreFault) -> JobRow? {
        let job = try database.number(
            "SELECT job FROM jobs WHERE slot = ? AND slot IS NOT NULL AND state < 8 AND place = 0",
            .text(slot))
        return try job.map { job throws(StoreFault) in try row(job) }
    }
}

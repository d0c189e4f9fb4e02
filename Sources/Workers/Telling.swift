internal import Glibc
internal import Smelt

/// A run as the far side tells it: what is new in its files, whether it lives, and at the end its bundles.
final class Telling {
    private let place: WorkPlace
    private let line: FrameLine
    private let records: Descriptor
    private let errors: Descriptor
    private let news: Descriptor
    private var recordsAt: Int
    private var errorsAt: Int
    private var isOver = false
    /// While its supervisor is gone, and what that began is not yet: when that is given up.
    private var endsBefore: Double?
    /// It was told to end at once.
    private var endsAtOnce = false
    /// Pulses that came while a frame was on its way are answered behind it.
    private var owesPulse = false
    private let silence: Double
    /// Seconds for which its supervisor may be stopped, since when it is, and when that is looked at next, in monotonic seconds.
    private let grace: Double
    private var stoppedSince: Double?
    private var lookAt = 0.0

    init(_ place: WorkPlace, over line: FrameLine, _ greeting: Greeting) throws {
        self.place = place
        self.line = line
        records = try Descriptor(opening: place.records, O_RDONLY | O_NOFOLLOW)
        errors = try Descriptor(opening: place.errors, O_RDONLY | O_NOFOLLOW)
        (recordsAt, errorsAt) = (greeting.records, greeting.errors)
        silence = 3 * greeting.pulseSeconds
        grace = try place.readFacts().graceSeconds
        news = Descriptor(owning: inotify_init1(Int32(IN_CLOEXEC | IN_NONBLOCK)))
        let wanted = UInt32(IN_MODIFY | IN_MOVED_TO | IN_ONLYDIR)
        guard news.number >= 0, inotify_add_watch(news.number, place.directory, wanted) >= 0 else {
            throw SystemFault(errno, "watch", place.directory)
        }
    }

    /// Until the other side has everything; its silence is a fault.
    func untilDone() throws {
        // The run is to know that somebody is there, however long a piece takes.
        line.whileSending = { [unowned self] () throws(LineFault) in try listen() }
        defer { line.whileSending = nil }
        let began = monotonicSeconds()
        while true {
            try tell()
            // What came meanwhile counts before its silence does.
            line.fill()
            while let frame = try line.next() {
                if try take(frame) { return }
            }
            try answerPulse()
            let left = max(began, line.heard) + silence - monotonicSeconds()
            guard left > 0 else { throw LineFault.silent(seconds: silence) }
            var waiting = [
                pollfd(fd: line.input, events: Int16(POLLIN), revents: 0),
                pollfd(fd: news.number, events: Int16(POLLIN), revents: 0),
            ]
            // Nothing tells of its end.
            _ = poll(
                &waiting, 2, Int32(min((endsBefore == nil ? left : Door.soon) * 1000 + 1, 1e9)))
            if waiting[0].revents != 0 { line.fill() }
            if waiting[1].revents != 0 { drain() }
        }
    }

    private func drain() {
        var bytes = [UInt8](repeating: 0, count: 4096)
        while read(news.number, &bytes, bytes.count) > 0 {}
    }

    /// What may come at any time is acted upon at once.
    private func listen() throws(LineFault) {
        while let frame = try line.next() {
            guard pass(frame) else { throw .strange("\(frame.kind)") }
        }
    }

    /// Hands to the supervisor what is for it; false when it is not.
    private func pass(_ frame: Frame) -> Bool {
        switch frame.kind {
        case .pulse:
            place.tell(.pulse)
            owesPulse = true
        case .cancel: place.tell(.cancel)
        case .kill:
            place.tell(.kill)
            (endsAtOnce, lookAt) = (true, 0)
        default: return false
        }
        return true
    }

    private func answerPulse() throws {
        guard owesPulse else { return }
        owesPulse = false
        try line.send(.pulse)
    }

    /// Sends a piece of what is long, and listens.
    private func send(_ kind: Frame.Kind, _ payload: some Collection<UInt8>) throws {
        try line.send(kind, payload)
        line.fill()
        try listen()
        try answerPulse()
    }

    /// True when it was the last.
    private func take(_ frame: Frame) throws -> Bool {
        if pass(frame) { return false }
        switch frame.kind {
        case .want: try giveBundles()
        case .done:
            place.tell(.done)
            try place.remove(rescuing: false)
            try line.send(.done)
            return true
        default: throw LineFault.strange("\(frame.kind)")
        }
        return false
    }

    /// Who looks after the run and is stopped looks after nothing. The pulses wake us.
    private func endStopped() {
        let now = monotonicSeconds()
        guard now >= lookAt else { return }
        lookAt = now + 1
        guard place.isStopped else { return stoppedSince = nil }
        let since = stoppedSince ?? now
        stoppedSince = since
        if endsAtOnce || now >= since + grace { place.endStopped() }
    }

    private func tell() throws {
        if isOver { return }
        endStopped()
        // Looked at before the files are: what it wrote before its end is in them.
        let hasEnded = Files.exists(place.ended)
        let isGone = !hasEnded && place.isForsaken
        let isEnding = isGone && !place.endRest(atOnce: endsAtOnce)
        endsBefore = isEnding ? endsBefore ?? monotonicSeconds() + Door.longestEnd : nil
        if let endsBefore, endsBefore < monotonicSeconds() { throw WorkerFault.stillEnding }
        try pass(records, .records, &recordsAt, place.records)
        try pass(errors, .errors, &errorsAt, place.errors)
        try place.checkWanted()
        if hasEnded || isGone && !isEnding {
            // Its last act may have been to say so.
            isOver = true
            try line.send(.over, Wire.bytes(Over(isBroken: !Files.exists(place.ended))))
        }
    }

    private func pass(
        _ file: borrowing Descriptor, _ kind: Frame.Kind, _ offset: inout Int, _ name: String
    ) throws {
        var chunk = [UInt8](repeating: 0, count: 256 << 10)
        while true {
            let count = retrying { pread(file.number, &chunk, chunk.count, off_t(offset)) }
            guard count >= 0 else { throw SystemFault(errno, "read", name) }
            guard count > 0 else { return }
            // Only now: what it writes that is ended for want of interest in it is not told.
            try place.checkWanted()
            try send(kind, chunk[..<count])
            offset += count
        }
    }

    private func bundle(_ path: String) throws -> Descriptor {
        do { return try Descriptor(opening: path, O_RDONLY | O_NOFOLLOW) } catch {
            try place.checkWanted()
            throw error
        }
    }

    private func giveBundles() throws {
        var chunk = [UInt8](repeating: 0, count: Frame.piece)
        for name in Files.names(in: place.bundles) {
            let path = "\(place.bundles)/\(name)"
            let file = try bundle(path)
            try send(.bundle, name.utf8)
            while true {
                let count = retrying { read(file.number, &chunk, chunk.count) }
                guard count >= 0 else { throw SystemFault(errno, "read", path) }
                if count == 0 { break }
                try send(.piece, chunk[..<count])
            }
        }
        // With the place went what has not been told.
        try place.checkWanted()
        try line.send(.all)
    }
}

internal import Glibc

/// A moment, written as RFC 3339 in UTC with milliseconds: `2026-01-31T12:00:00.000Z`.
package struct Timestamp: Equatable, Comparable, Hashable, Sendable, CustomStringConvertible {
    package let milliseconds: Int64

    package init(milliseconds: Int64) {
        self.milliseconds = milliseconds
    }

    package static var now: Timestamp {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Timestamp(milliseconds: Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000)
    }

    package static func < (left: Timestamp, right: Timestamp) -> Bool {
        left.milliseconds < right.milliseconds
    }

    package var seconds: Double { Double(milliseconds) / 1000 }

    package var description: String {
        var seconds = time_t(milliseconds.flooredDivision(by: 1000))
        let rest = milliseconds - Int64(seconds) * 1000
        var parts = tm()
        gmtime_r(&seconds, &parts)
        func two(_ number: Int32) -> String { number < 10 ? "0\(number)" : "\(number)" }
        let year = String(parts.tm_year + 1900)
        let milli = String(rest)
        return String(repeating: "0", count: max(0, 4 - year.count)) + year
            + "-\(two(parts.tm_mon + 1))-\(two(parts.tm_mday))T\(two(parts.tm_hour))"
            + ":\(two(parts.tm_min)):\(two(parts.tm_sec))."
            + String(repeating: "0", count: 3 - milli.count) + milli + "Z"
    }

    private static func days(in month: Int32, of year: Int32) -> Int32 {
        switch month {
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    /// Reads RFC 3339 with any fraction and offset; nil for anything else.
    package init?(_ text: String) {
        let bytes = Array(text.utf8)
        func number(_ range: Range<Int>) -> Int32? {
            guard range.upperBound <= bytes.count else { return nil }
            var value: Int32 = 0
            for byte in bytes[range] {
                guard (48...57).contains(byte) else { return nil }
                value = value * 10 + Int32(byte - 48)
            }
            return value
        }
        guard bytes.count >= 20, bytes[4] == 45, bytes[7] == 45, bytes[13] == 58, bytes[16] == 58,
            [84, 116, 32].contains(bytes[10]), let year = number(0..<4), let month = number(5..<7),
            let day = number(8..<10), let hour = number(11..<13), let minute = number(14..<16),
            let second = number(17..<19), (1...12).contains(month),
            day >= 1, day <= Self.days(in: month, of: year), hour < 24, minute < 60, second <= 60
        else { return nil }
        var at = 19
        var milli: Int64 = 0
        if bytes[at] == 46 {
            at += 1
            var digits = 0
            while at < bytes.count, (48...57).contains(bytes[at]) {
                if digits < 3 { milli = milli * 10 + Int64(bytes[at] - 48) }
                digits += 1
                at += 1
            }
            guard digits > 0 else { return nil }
            for _ in digits..<max(3, digits) { milli *= 10 }
        }
        var offset: Int64 = 0
        guard at < bytes.count else { return nil }
        if bytes[at] == 43 || bytes[at] == 45 {
            guard bytes.count == at + 6, bytes[at + 3] == 58, let hours = number(at + 1..<at + 3),
                let minutes = number(at + 4..<at + 6)
            else { return nil }
            offset = Int64(hours * 3600 + minutes * 60) * (bytes[at] == 45 ? -1 : 1)
        } else {
            guard bytes.count == at + 1, bytes[at] == 90 || bytes[at] == 122 else { return nil }
        }
        var parts = tm()
        parts.tm_year = year - 1900
        parts.tm_mon = month - 1
        parts.tm_mday = day
        parts.tm_hour = hour
        parts.tm_min = minute
        parts.tm_sec = second
        milliseconds = (Int64(timegm(&parts)) - offset) * 1000 + milli
    }
}

extension Int64 {
    fileprivate func flooredDivision(by divisor: Int64) -> Int64 {
        let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? quotient - 1 : quotient
    }
}

/// Seconds on a clock that never goes back, for time-outs and durations.
package func monotonicSeconds() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}

internal import Glibc
internal import Smelt

/// A cron line of five fields: minute, hour, day of the month, month, day of the week, in local time. `*`, lists, ranges,
/// steps, names of months and days, 7 for Sunday, and `@hourly`, `@daily`, `@weekly`, `@monthly`, `@yearly`. As in
/// cron(8), where both kinds of day are restricted, either suffices.
package struct Cron: Sendable, Equatable {
    private let minutes: UInt64
    private let hours: UInt64
    private let days: UInt64
    private let months: UInt64
    private let weekdays: UInt64
    private let eitherDay: Bool

    package init?(_ text: String) {
        let line = Self.words[text] ?? text
        let fields = line.split { $0 == " " || $0 == "\t" }
        guard fields.count == Self.fields.count else { return nil }
        let sets = zip(fields, Self.fields).compactMap { Self.set($0, $1) }
        guard sets.count == Self.fields.count else { return nil }
        (minutes, hours, days, months) = (sets[0], sets[1], sets[2], sets[3])
        // Sunday is 0 and 7.
        weekdays = (sets[4] | sets[4] >> 7) & 0x7F
        eitherDay = !fields[2].hasPrefix("*") && !fields[4].hasPrefix("*")
    }

    /// What is wrong with a line that is none.
    package static func complaint(about text: String) -> String {
        let fields = text.split { $0 == " " || $0 == "\t" }
        let wrong = zip(fields, Self.fields).first { set($0, $1) == nil }
        guard !text.hasPrefix("@"), fields.count == Self.fields.count, let (field, one) = wrong
        else {
            return "it has five fields, or is one of \(words.keys.sorted().joined(separator: ", "))"
        }
        return "'\(Visible.line(String(field)))' are no \(one.name) from "
            + "\(one.range.lowerBound) to \(one.range.upperBound)"
    }

    private static let words = [
        "@hourly": "0 * * * *", "@daily": "0 0 * * *", "@midnight": "0 0 * * *",
        "@weekly": "0 0 * * 0", "@monthly": "0 0 1 * *", "@yearly": "0 0 1 1 *",
        "@annually": "0 0 1 1 *",
    ]

    private struct Field: Sendable {
        let name: String
        let range: ClosedRange<Int>
        /// Of the numbers from `first` on.
        var names: [String] = []
        var first = 0
    }

    private static let fields = [
        Field(name: "minutes", range: 0...59), Field(name: "hours", range: 0...23),
        Field(name: "days", range: 1...31),
        Field(
            name: "months", range: 1...12,
            names: [
                "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
            ], first: 1),
        Field(
            name: "days of the week", range: 0...7,
            names: ["sun", "mon", "tue", "wed", "thu", "fri", "sat"]),
    ]

    private static func set(_ text: Substring, _ field: Field) -> UInt64? {
        func number(_ word: Substring) -> Int? {
            if let index = field.names.firstIndex(of: word.lowercased()) {
                return index + field.first
            }
            guard !word.isEmpty, word.utf8.allSatisfy({ (48...57).contains($0) }),
                let value = Int(word), field.range.contains(value)
            else { return nil }
            return value
        }
        var found: UInt64 = 0
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            let halves = part.split(separator: "/", omittingEmptySubsequences: false)
            guard let first = halves.first, halves.count <= 2 else { return nil }
            let step = halves.count == 2 ? Int(halves[1]) ?? 0 : 1
            guard step > 0 else { return nil }
            let bounds: ClosedRange<Int>
            if first == "*" {
                bounds = field.range
            } else {
                let ends = first.split(separator: "-", omittingEmptySubsequences: false)
                guard ends.count <= 2, let low = ends.first.flatMap(number) else { return nil }
                let high =
                    ends.count == 2
                    ? number(ends[1]) : halves.count == 2 ? field.range.upperBound : low
                guard let high, low <= high else { return nil }
                bounds = low...high
            }
            for value in stride(from: bounds.lowerBound, through: bounds.upperBound, by: step) {
                found |= 1 << UInt64(value)
            }
        }
        return found
    }

    private func fits(_ time: tm) -> Bool {
        let isDay = days >> UInt64(time.tm_mday) & 1 == 1
        let isWeekday = weekdays >> UInt64(time.tm_wday) & 1 == 1
        return eitherDay ? isDay || isWeekday : isDay && isWeekday
    }

    /// The first minute after that time that the line names, both in milliseconds since 1970. A minute that a change of the
    /// clock leaves out comes right behind the gap; one that comes twice counts once. Nil when there is none in five years.
    package func next(after milliseconds: Int64) -> Int64? {
        var start = time_t(milliseconds / 1000)
        var now = tm()
        localtime_r(&start, &now)
        // The wall's own hands go on minute by minute; the clock is asked only when they stand right.
        var hands = now
        hands.tm_sec = 0
        hands.tm_min += 1
        Self.normalise(&hands)
        let last = hands.tm_year + 5
        while hands.tm_year <= last {
            if months >> UInt64(hands.tm_mon + 1) & 1 == 0 {
                hands.tm_mon += 1
                (hands.tm_mday, hands.tm_hour, hands.tm_min) = (1, 0, 0)
            } else if !fits(hands) {
                hands.tm_mday += 1
                (hands.tm_hour, hands.tm_min) = (0, 0)
            } else if hours >> UInt64(hands.tm_hour) & 1 == 0 {
                hands.tm_hour += 1
                hands.tm_min = 0
            } else if minutes >> UInt64(hands.tm_min) & 1 == 0 {
                hands.tm_min += 1
            } else {
                var local = hands
                local.tm_isdst = -1
                let time = mktime(&local)
                if Int64(time) * 1000 > milliseconds { return Int64(time) * 1000 }
                hands.tm_min += 1
            }
            Self.normalise(&hands)
        }
        return nil
    }

    /// Carries over, and finds the day of the week, as if clocks were never changed.
    private static func normalise(_ time: inout tm) {
        var seconds = timegm(&time)
        gmtime_r(&seconds, &time)
    }
}

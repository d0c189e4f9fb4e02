import Glibc
import Smelt
import Testing

@testable import Store

@Suite struct RetryRulesTests {
    static let fresh = Trials(tries: 0, bugs: 0, retries: 0, spent: 0, budget: nil)

    @Test(arguments: [0, 2, 64, 65, 66, 77, 78, 130, 143] as [Int32])
    func `what cannot get better is never tried again`(status: Int32) {
        var trials = Self.fresh
        trials.retries = 100
        guard case .over = RetryRules.judge(Outcome(status: status, elsewhere: true), trials) else {
            Issue.record("\(status) is tried again")
            return
        }
    }

    @Test func `not now is always tried again, at the time that it names`() {
        var trials = Self.fresh
        trials.tries = 1_000
        #expect(RetryRules.judge(Outcome(status: 75, notBefore: 12), trials) == .later(12))
        #expect(RetryRules.judge(Outcome(status: 75), trials) == .later(nil))
    }

    @Test func `not there is tried on another worker, while there is one`() {
        #expect(
            RetryRules.judge(Outcome(status: 69, elsewhere: true), Self.fresh)
                == .again(avoiding: true, bug: false))
        #expect(RetryRules.judge(Outcome(status: 69), Self.fresh) == .over(.failed))
    }

    @Test func `a bug is tried once more`() {
        var trials = Self.fresh
        #expect(RetryRules.judge(Outcome(status: 70), trials) == .again(avoiding: false, bug: true))
        trials.bugs = 1
        #expect(RetryRules.judge(Outcome(status: 70), trials) == .over(.failed))
    }

    @Test(arguments: [1, 3, 124, 137] as [Int32])
    func `a failure is tried as often as was asked for`(status: Int32) {
        var trials = Self.fresh
        #expect(RetryRules.judge(Outcome(status: status), trials) == .over(.failed))
        trials.retries = 2
        trials.tries = 1
        #expect(
            RetryRules.judge(Outcome(status: status), trials) == .again(avoiding: false, bug: false)
        )
        trials.tries = 2
        #expect(RetryRules.judge(Outcome(status: status), trials) == .over(.failed))
    }

    @Test func `as often as was asked for is also more than twenty times`() {
        var trials = Self.fresh
        trials.retries = NewJob.retries.upperBound
        trials.tries = trials.retries - 1
        #expect(
            RetryRules.judge(Outcome(status: 1), trials) == .again(avoiding: false, bug: false))
        trials.tries = trials.retries
        #expect(RetryRules.judge(Outcome(status: 1), trials) == .over(.failed))
    }

    @Test func `input and output that fail are tried again, but not for ever`() {
        var trials = Self.fresh
        #expect(
            RetryRules.judge(Outcome(status: 74), trials) == .again(avoiding: false, bug: false))
        trials.tries = RetryRules.mostTries
        for status in [69, 70, 74, 141] as [Int32] {
            trials.retries = 1_000
            #expect(
                RetryRules.judge(Outcome(status: status, elsewhere: true), trials) == .over(.failed)
            )
        }
    }

    @Test func `a spent budget ends everything`() {
        var trials = Self.fresh
        trials.budget = 1_000
        trials.spent = 1_000
        #expect(RetryRules.judge(Outcome(status: 75, notBefore: 12), trials) == .over(.failed))
        trials.spent = 999
        #expect(RetryRules.judge(Outcome(status: 75, notBefore: 12), trials) == .later(12))
    }

    @Test func `denied and expired are different ends`() {
        #expect(RetryRules.end(of: Outcome(status: 77, code: "review_denied")) == .failed)
        #expect(RetryRules.end(of: Outcome(status: 77, code: "review_expired")) == .expired)
    }

    @Test func `pauses grow, are bounded, and are by chance over their whole length`() {
        var dice = Dice(seed: 7)
        for tries in 0..<60 as Range<Int64> {
            let limit: Int64 = tries < 7 ? 5_000 << tries : 300_000
            let pauses = (0..<400).map { _ in
                RetryRules.pause(first: 5_000, tries: tries, using: &dice)
            }
            #expect(pauses.allSatisfy { (1...min(limit, 300_000)).contains($0) })
            #expect(
                pauses.contains { $0 < limit / 4 }
                    && pauses.contains { $0 > min(limit, 300_000) * 3 / 4 })
        }
        #expect(RetryRules.pause(first: 600_000, tries: 9, using: &dice) <= 600_000)
        #expect(RetryRules.pause(first: 1, tries: 0, using: &dice) == 1)
    }
}

@Suite struct CronTests {
    private static func next(_ line: String, after text: String) -> String? {
        guard let cron = Cron(line), let time = Timestamp(text) else { return "unreadable" }
        return cron.next(after: time.milliseconds).map { Timestamp(milliseconds: $0).description }
    }

    private static func use(zone: String) {
        setenv("TZ", zone, 1)
        tzset()
    }

    // The zone is of the whole process.
    @Test func `the next time`() async {
        await #expect(processExitsWith: .success) {
            Self.use(zone: "UTC0")
            for (line, from, expected) in [
                ("* * * * *", "2026-01-31T12:00:00.000Z", "2026-01-31T12:01:00.000Z"),
                ("* * * * *", "2026-01-31T12:00:59.999Z", "2026-01-31T12:01:00.000Z"),
                ("0 3 * * *", "2026-02-28T03:00:00.000Z", "2026-03-01T03:00:00.000Z"),
                ("*/15 9-17 * * mon-fri", "2026-01-30T17:50:00.000Z", "2026-02-02T09:00:00.000Z"),
                ("0 0 29 2 *", "2026-01-01T00:00:00.000Z", "2028-02-29T00:00:00.000Z"),
                ("0 0 13 * 5", "2026-01-01T00:00:00.000Z", "2026-01-02T00:00:00.000Z"),
                ("0 0 * * 7", "2026-01-01T00:00:00.000Z", "2026-01-04T00:00:00.000Z"),
                ("5,10 0 1 jan,DEC *", "2026-01-01T00:10:00.000Z", "2026-12-01T00:05:00.000Z"),
                ("10-30/10 * * * *", "2026-01-01T00:10:00.000Z", "2026-01-01T00:20:00.000Z"),
                ("@yearly", "2026-01-01T00:00:00.000Z", "2027-01-01T00:00:00.000Z"),
            ] {
                #expect(Self.next(line, after: from) == expected, "\(line)")
            }
            #expect(Self.next("0 0 30 2 *", after: "2026-01-01T00:00:00.000Z") == nil)
        }
    }

    @Test func `clocks that are changed`() async {
        await #expect(processExitsWith: .success) {
            Self.use(zone: "CET-1CEST,M3.5.0,M10.5.0/3")
            // 02:30 is not on March 29: it comes when the gap is over, once, and the next day as ever.
            let gap = Self.next("30 2 * * *", after: "2026-03-28T12:00:00.000Z")
            #expect(gap == "2026-03-29T01:30:00.000Z")
            #expect(Self.next("30 2 * * *", after: gap ?? "") == "2026-03-30T00:30:00.000Z")
            // It is there twice on October 25, and counts once.
            let twice = Self.next("30 2 * * *", after: "2026-10-24T12:00:00.000Z")
            #expect(["2026-10-25T00:30:00.000Z", "2026-10-25T01:30:00.000Z"].contains(twice))
            #expect(Self.next("30 2 * * *", after: twice ?? "") == "2026-10-26T01:30:00.000Z")
        }
    }

    @Test(arguments: [
        "", "* * * *", "* * * * * *", "60 * * * *", "* 24 * * *", "* * 0 * *", "* * * 13 *",
        "* * * * 8", "5-1 * * * *",
        "*/0 * * * *", "a * * * *", "1,,2 * * * *", "-1 * * * *", "1-2-3 * * * *", "@never",
        "1/2/3 * * * *",
    ])
    func `what is no cron line`(line: String) {
        #expect(Cron(line) == nil)
    }
}

import Records
import Testing

@testable import Tasks

@Suite struct SupervisionTests {
    static let backOff = BackOff(jitter: .none, firstSeconds: 1, mostSeconds: 8, factor: 2)

    /// The life of a task whose attempts end like this, each after a second.
    static func life(
        _ restart: TaskSpec.Restart, _ outcomes: [Supervision.Outcome], maxRetries: UInt64? = nil,
        lasting seconds: Double = 1
    ) -> (phases: [TaskPhase], delays: [Double], attempts: Int, isOver: Bool) {
        var generator = SeededGenerator(1)
        var supervision = Supervision(restart: restart, backOff: backOff, maxRetries: maxRetries)
        var phases = [supervision.phase]
        var delays: [Double] = []
        for outcome in outcomes {
            guard supervision.begin() else { break }
            phases.append(supervision.phase)
            if case .again(let delay)? = supervision.end(
                outcome, afterSeconds: seconds, using: &generator)
            {
                delays.append(delay)
            }
            phases.append(supervision.phase)
        }
        return (phases, delays, supervision.attempt, !supervision.begin())
    }

    /// Every restart policy with every outcome of a first attempt, retries left and spent.
    @Test(
        arguments: [
            (.never, .succeeded, nil, .succeeded, true), (.never, .failed, nil, .failed, true),
            (.never, .timedOut, nil, .timeout, true), (.never, .canceled, nil, .canceled, true),
            (.never, .fatal, nil, .failed, true),
            (.onFailure, .succeeded, nil, .succeeded, true),
            (.onFailure, .failed, nil, .failed, false),
            (.onFailure, .timedOut, nil, .timeout, false),
            (.onFailure, .canceled, nil, .canceled, true), (.onFailure, .fatal, nil, .failed, true),
            (.onFailure, .failed, 0, .exhausted, true),
            (.onFailure, .timedOut, 0, .exhausted, true),
            (.onFailure, .failed, 1, .failed, false), (.onFailure, .fatal, 1, .failed, true),
            (.always(everySeconds: 5), .succeeded, nil, .succeeded, false),
            (.always(everySeconds: 5), .failed, nil, .failed, false),
            (.always(everySeconds: 5), .timedOut, nil, .timeout, false),
            (.always(everySeconds: 5), .canceled, nil, .canceled, true),
            (.always(everySeconds: 5), .fatal, nil, .failed, true),
            (.always(everySeconds: 5), .failed, 0, .exhausted, true),
            (.always(everySeconds: 5), .succeeded, 0, .succeeded, false),
            // A failure that is never retried has not spent anything.
            (.never, .failed, 0, .failed, true),
        ] as [(TaskSpec.Restart, Supervision.Outcome, UInt64?, TaskPhase, Bool)])
    func `the end of an attempt leads where the policy says`(
        restart: TaskSpec.Restart, outcome: Supervision.Outcome, maxRetries: UInt64?,
        phase: TaskPhase, isOver: Bool
    ) {
        let life = Self.life(restart, [outcome], maxRetries: maxRetries)
        #expect(life.phases == [.pending, .running, phase] && life.isOver == isOver)
        #expect(life.delays.isEmpty == isOver)
    }

    @Test func `failures are retried with growing delays until the retries are spent`() {
        let life = Self.life(
            .onFailure, [.failed, .timedOut, .failed, .failed, .failed], maxRetries: 3)
        #expect(life.attempts == 4 && life.isOver && life.delays == [1, 2, 4])
        #expect(life.phases.last == .exhausted)
        #expect(life.phases.prefix(5) == [.pending, .running, .failed, .running, .timeout])
    }

    @Test func `without a bound it is retried for ever`() {
        let life = Self.life(.onFailure, Array(repeating: .failed, count: 1000))
        #expect(life.attempts == 1000 && !life.isOver && life.delays.last == 8)
    }

    @Test func `a success gives all retries back and begins the delays anew`() {
        let life = Self.life(
            .always(everySeconds: 7),
            [.failed, .failed, .succeeded, .failed, .failed, .failed], maxRetries: 2)
        #expect(life.delays == [1, 2, 7, 1, 2] && life.phases.last == .exhausted)
    }

    @Test func `the delay before is forgotten with a success`() {
        var high = ConstantGenerator(value: .max)
        let backOff = BackOff(jitter: .decorrelated, firstSeconds: 1, mostSeconds: 1000, factor: 2)
        var supervision = Supervision(restart: .always(everySeconds: 1), backOff: backOff)
        var delays: [Double] = []
        for outcome in [.failed, .failed, .succeeded, .failed] as [Supervision.Outcome] {
            _ = supervision.begin()
            if case .again(let delay)? = supervision.end(
                outcome, afterSeconds: 1, using: &high)
            {
                delays.append(delay)
            }
        }
        #expect(delays.map { $0.rounded() } == [3, 9, 1, 3])
    }

    @Test(arguments: [(0.0, 0.1), (0.04, 0.06), (0.1, 0), (30, 0)])
    func `successes without an interval do not spin`(lasted: Double, pause: Double) {
        let life = Self.life(.always(everySeconds: 0), [.succeeded], lasting: lasted)
        #expect(life.delays.count == 1 && abs((life.delays.first ?? -1) - pause) < 1e-9)
    }

    @Test func `a task that waits can be stopped, also before its first attempt`() {
        var generator = SeededGenerator(1)
        var supervision = Supervision(restart: .onFailure, backOff: Self.backOff)
        supervision.cancel()
        #expect(supervision.phase == .canceled && supervision.attempt == 0)
        #expect(begins(supervision) == nil)

        supervision = Supervision(restart: .onFailure, backOff: Self.backOff)
        _ = supervision.begin()
        _ = supervision.end(.failed, afterSeconds: 0, using: &generator)
        supervision.cancel()
        #expect(supervision.phase == .canceled && supervision.attempt == 1)
        #expect(begins(supervision) == nil)
    }

    /// The same after another attempt began; nil when none did, and then nothing may have changed.
    private func begins(_ supervision: Supervision) -> Supervision? {
        var copy = supervision
        let began = copy.begin()
        #expect(began || copy == supervision)
        return began ? copy : nil
    }

    /// From each state, what is out of turn changes nothing.
    @Test func `steps out of turn change nothing`() {
        var generator = SeededGenerator(1)
        let fresh = Supervision(restart: .onFailure, backOff: Self.backOff)
        var running = fresh
        let began = running.begin()
        #expect(began)
        var waiting = running
        _ = waiting.end(.failed, afterSeconds: 1, using: &generator)
        var over = running
        _ = over.end(.succeeded, afterSeconds: 1, using: &generator)

        for state in [fresh, waiting, over] {
            for outcome in Supervision.Outcome.allCases {
                var copy = state
                let next = copy.end(outcome, afterSeconds: 1, using: &generator)
                #expect(next == nil && copy == state)
            }
        }
        for state in [running, over] {
            var copy = state
            #expect(begins(state) == nil)
            copy.cancel()
            #expect(copy == state)
        }
    }
}

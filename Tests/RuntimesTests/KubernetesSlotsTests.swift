import Glibc
import Records
import Smelt
import Testing

@testable import Runtimes

/// Which place is in which container. A lock lasts as long as the processes that have it, and whatever this one starts
/// has it, too: where one is given back, nobody else may start anything.
struct KubernetesSlotsTests {
    static func environment(_ place: Place) throws -> SandboxEnvironment {
        SandboxEnvironment(directory: place.path, facts: try Place.facts(RunID.make()))
    }

    @Test func `places that are there at the same time have containers of their own`() throws {
        let place = try Place()
        let slots = KubernetesSlots(in: try Self.environment(place), count: 2)
        #expect(try slots.take(EnginePlace(.session, "a")) == "session-1")
        #expect(try slots.take(EnginePlace(.session, "b")) == "session-2")
        #expect(try slots.take(EnginePlace(.gate, "a")) == "gate-1")
        #expect(throws: EngineFault.noRoom("c")) {
            try slots.take(EnginePlace(.session, "c"), patience: 0)
        }
        #expect(try slots.find(EnginePlace(.session, "b")) == "session-2")
        #expect(try slots.find(EnginePlace(.session, "c")) == nil)
    }

    @Test func `what somebody may have spoilt is not used again`() async {
        await #expect(processExitsWith: .success) {
            let place = try Place()
            let slots = KubernetesSlots(in: try Self.environment(place), count: 1)
            try Self.enter(slots, EnginePlace(.session, "a"), in: place)
            try Self.enter(slots, EnginePlace(.session, "b"), in: place)
            try slots.spoil(EnginePlace(.session, "b"))
            #expect(throws: EngineFault.noRoom("c")) {
                try slots.take(EnginePlace(.session, "c"), patience: 0)
            }
            #expect(try slots.find(EnginePlace(.session, "b")) == "session-1")
        }
    }

    @Test func `the place that was first makes room`() async {
        await #expect(processExitsWith: .success) {
            let place = try Place()
            let slots = KubernetesSlots(in: try Self.environment(place), count: 2)
            for name in ["a", "b", "c"] {
                try Self.enter(slots, EnginePlace(.session, name), in: place)
            }
            #expect(try slots.all().map(\.place) == ["session b", "session c"])
            #expect(try slots.find(EnginePlace(.session, "a")) == nil)
            #expect(try slots.find(EnginePlace(.session, "c")) == "session-1")
        }
    }

    /// A run that was cut off is fed again.
    @Test func `nobody comes where a session's work may be alone`() async {
        await #expect(processExitsWith: .success) {
            let place = try Place()
            let environment = try Self.environment(place)
            let slots = KubernetesSlots(in: environment, count: 1)
            let (one, two) = (EnginePlace(.session, "a"), EnginePlace(.session, "b"))
            try Self.enter(slots, one, in: place)
            #expect(!environment.hasWork(one))
            try Files.makeDirectories(environment.directory(of: one))
            try Files.replace(Salvage.mark(in: environment.directory(of: one)), with: [])
            #expect(environment.hasWork(one))
            #expect(throws: EngineFault.noRoom("b")) { try slots.take(two, patience: 0) }

            var end = SessionFinished(session: "a", attempt: 1, ending: .failed)
            try Files.makeDirectories(Files.parent(of: environment.memory(of: "a")))
            func remember() throws {
                try Files.replace(
                    environment.memory(of: "a"), with: RecordJSON.line(end, run: RunID.make()))
            }
            try remember()
            #expect(throws: EngineFault.noRoom("b")) { try slots.take(two, patience: 0) }

            end.commit = Place.commit
            try remember()
            #expect(!environment.hasWork(one))
            #expect(try slots.take(two) == "session-1")
        }
    }

    /// Takes it, and ends as a process would: the kernel closes what it has open.
    static func enter(_ slots: KubernetesSlots, _ place: EnginePlace, in directory: Place) throws {
        _ = try slots.take(place)
        for number in Files.names(in: "/proc/self/fd").compactMap({ Int32($0) }) where number >= 64
        {
            guard let goal = Files.goal(ofLink: "/proc/self/fd/\(number)") else { continue }
            if goal.hasPrefix("\(directory.path)/containers/") { close(number) }
        }
    }
}

import Glibc
import Records
import Smelt
import Testing

@testable import Runtimes

/// Which place is in which container. A lock lasts as long as the process that took it, which is this one.
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
        #expect(throws: EngineFault.noRoom("c")) { try slots.take(EnginePlace(.session, "c")) }
        #expect(try slots.find(EnginePlace(.session, "b")) == "session-2")
        #expect(try slots.find(EnginePlace(.session, "c")) == nil)
    }

    @Test func `what somebody may have spoilt is not used again`() throws {
        let place = try Place()
        let slots = KubernetesSlots(in: try Self.environment(place), count: 1)
        try Self.enter(slots, EnginePlace(.session, "a"), in: place)
        try Self.enter(slots, EnginePlace(.session, "b"), in: place)
        try slots.spoil(EnginePlace(.session, "b"))
        #expect(throws: EngineFault.noRoom("c")) { try slots.take(EnginePlace(.session, "c")) }
        #expect(try slots.find(EnginePlace(.session, "b")) == "session-1")
    }

    @Test func `the place that was first makes room`() throws {
        let place = try Place()
        let slots = KubernetesSlots(in: try Self.environment(place), count: 2)
        for name in ["a", "b", "c"] {
            try Self.enter(slots, EnginePlace(.session, name), in: place)
        }
        #expect(try slots.all().map(\.place) == ["session b", "session c"])
        #expect(try slots.find(EnginePlace(.session, "a")) == nil)
        #expect(try slots.find(EnginePlace(.session, "c")) == "session-1")
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

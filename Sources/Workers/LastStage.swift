internal import Records
internal import Smelt

extension Stage {
    /// A stage that acts at the end of its input, whatever happened before, and is not stopped by the signal that ends the others.
    static func atTheEnd(_ name: String, wants: Set<String>) -> Stage {
        let stage = Stage(name, wants: wants)
        stage.alwaysHandsOver = true
        stage.isStoppable = false
        Interruption.ignoreFirst()
        return stage
    }

    /// Takes all of the input; the environment that it told of.
    func untilEnd() throws -> EnvironmentReady? {
        var ready: EnvironmentReady?
        while let line = try next() {
            if line.type == EnvironmentReady.type {
                ready = try? line.decode(EnvironmentReady.self)
            }
        }
        return ready
    }
}

@testable import Tasks

/// One task in both forms, and what is made of a text.
enum Samples {
    static let domain = """
        {"slot":"s","kind":{"subprocess":{"mode":{"command":{"command":"true"}}}},"timeout":1500,
         "restart":{"type":"always","intervalMs":250},
         "backoff":{"jitter":"equal","firstMs":500,"maxMs":20000,"factor":1.5},"admission":"queue"}
        """
    static let wire = """
        {"slot":"s","kind":{"subprocess":{"command":{"command":"true","args":[]},"env":[],
         "failOnNonZero":true}},"timeoutMs":"1500","restart":"RESTART_STRATEGY_ALWAYS","restartIntervalMs":"250",
         "backoff":{"jitter":"JITTER_STRATEGY_EQUAL","firstMs":"500","maxMs":"20000","factor":1.5},
         "admission":"ADMISSION_STRATEGY_QUEUE","labels":{}}
        """
    static let task = TaskSpec(
        slot: "s", work: Subprocess(mode: .command("true", arguments: [])), timeoutSeconds: 1.5,
        restart: .always(everySeconds: 0.25),
        backOff: BackOff(jitter: .equal, firstSeconds: 0.5, mostSeconds: 20, factor: 1.5),
        admission: .queue)

    static func read(_ text: String) throws -> TaskSpec {
        try TaskReader.read(Array(text.utf8), file: "t", runner: "smelt-exec")
    }

    /// The problems without their places, or none.
    static func problems(_ text: String) -> [String] {
        do { _ = try read(text) } catch TaskFault.invalid(_, let problems) {
            return problems.map {
                $0.split(separator: " ", maxSplits: 1).last.map(String.init) ?? ""
            }
        } catch { return ["\(error)"] }
        return []
    }
}

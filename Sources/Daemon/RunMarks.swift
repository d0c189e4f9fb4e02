internal import Smelt
internal import Store

extension RunSession {
    /// Of an attempt of a job. One that goes on with an earlier run has that one's id in `SMELT_RUN`; of a daemon from before there
    /// was another variable it is the only one.
    init(leader: HostProcess, attempt: RunID, isOurs: Bool) {
        self.init(
            leader: leader, run: attempt, in: [CurrentAttempt.runVariable, "SMELT_RUN"],
            isOurs: isOurs)
    }
}

internal import Smelt

/// What the store knows of a run while it goes on: which process it is, and how far its files are in the log. In the same
/// transaction as the lines that were read, so that whoever adopts the run reads on where they end.
struct Progress: Equatable {
    let process: HostProcess
    /// Which start of the machine that was, and which namespace the number of the process is of.
    let boot: String
    let namespace: String
    /// Milliseconds since 1970, and on the clock that does not jump.
    let began: Int64
    let beganSteady: Int64
    /// Bytes of each file that are in the log.
    var records = 0
    var output = 0
    var errors = 0
    /// Lines of the records file, for complaints about one.
    var line = 0
    /// Why a daemon asked the run to stop, or was about to: whether the run has heard of it is not known.
    var asked: Asked?

    /// A reason that is not the job's: what the run says of its end is none of the job's.
    enum Asked: String {
        /// The daemon was stopped.
        case back = "asked-back"
        /// Its first process ended and said nothing of the run's end: what is left of it goes, too.
        case headless = "asked-headless"
    }

    init(
        _ process: HostProcess, boot: String, namespace: String = HostProcess.namespace,
        began: Int64, beganSteady: Int64
    ) {
        self.process = process
        self.boot = boot
        self.namespace = namespace
        self.began = began
        self.beganSteady = beganSteady
    }

    /// Whether something of the run can be here still, under the number that its process had: not when the machine, or the
    /// container, was started anew since.
    func isOf(_ boot: String) -> Bool {
        self.boot == boot && namespace == HostProcess.namespace
    }

    var text: String {
        "\(process.pid) \(process.start) \(boot) \(namespace) \(began) \(beganSteady) \(records) "
            + "\(output) \(errors) \(line)" + (asked.map { " \($0.rawValue)" } ?? "")
    }

    init?(_ text: String) {
        let words = text.split(separator: " ")
        let asked = words.count == 11 ? Asked(rawValue: String(words[10])) : nil
        guard words.count == 10 || asked != nil,
            let pid = Int32(words[0]), let start = UInt64(words[1]), pid > 1,
            let began = Int64(words[4]), let steady = Int64(words[5]),
            let records = Int(words[6]), let output = Int(words[7]), let errors = Int(words[8]),
            let line = Int(words[9]), ([records, output, errors, line].min() ?? 0) >= 0,
            max(began.magnitude, steady.magnitude) <= 1 << 53
        else { return nil }
        self.init(
            HostProcess(pid: pid, start: start), boot: String(words[2]),
            namespace: String(words[3]), began: began, beganSteady: steady)
        (self.records, self.output, self.errors, self.line) = (records, output, errors, line)
        self.asked = asked
    }
}

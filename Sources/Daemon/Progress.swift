internal import Smelt

/// What the store knows of a run while it goes on: which process it is, and how far its files are in the log. In the same
/// transaction as the lines that were read, so that whoever adopts the run reads on where they end.
struct Progress: Equatable {
    var process: HostProcess
    /// Of the machine.
    let boot: String
    /// Milliseconds since 1970, and on the clock that does not jump.
    let began: Int64
    let beganSteady: Int64
    /// Bytes of each file that are in the log.
    var records = 0
    var output = 0
    var errors = 0
    /// Lines of the records file, for complaints about one.
    var line = 0

    init(_ process: HostProcess, boot: String, began: Int64, beganSteady: Int64) {
        self.process = process
        self.boot = boot
        self.began = began
        self.beganSteady = beganSteady
    }

    var text: String {
        "\(process.pid) \(process.start) \(boot) \(began) \(beganSteady) \(records) \(output) "
            + "\(errors) \(line)"
    }

    init?(_ text: String) {
        let words = text.split(separator: " ")
        guard words.count == 9, let pid = Int32(words[0]), let start = UInt64(words[1]), pid > 1,
            let began = Int64(words[3]), let steady = Int64(words[4]),
            let records = Int(words[5]), let output = Int(words[6]), let errors = Int(words[7]),
            let line = Int(words[8])
        else { return nil }
        self.init(
            HostProcess(pid: pid, start: start), boot: String(words[2]), began: began,
            beganSteady: steady)
        (self.records, self.output, self.errors, self.line) = (records, output, errors, line)
    }
}

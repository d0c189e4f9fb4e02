import Records
import Sandbox
import Smelt

/// One `--limit NAME=VALUE`; names, units and ranges are those of `[limits]`.
struct LimitOption: Sendable {
    let apply: @Sendable (inout Limits) -> Void

    /// Written out: putting a list together looks up conformances, which a start would feel.
    static let kind = Kind<LimitOption>(
        "NAME=VALUE",
        wants: "NAME=VALUE with wall, idle, output, processes, memory, memory_high, swap, cpu, "
            + "cpu_weight, cpus, disk, io_weight, io_read, io_write, io_read_ops or io_write_ops"
    ) { text in
        let parts = text.split(separator: "=", maxSplits: 1).map(String.init)
        return parts.count == 2 ? of(parts[0], parts[1]) : nil
    }

    private static func of(_ name: String, _ text: String) -> LimitOption? {
        switch name {
        case "wall": seconds(text, \.wallSeconds)
        case "idle": seconds(text, \.idleSeconds)
        case "output": bytes(text, \.outputBytes)
        case "memory": bytes(text, \.memoryBytes)
        case "memory_high": bytes(text, \.memoryHighBytes)
        case "swap": bytes(text, \.swapBytes, least: 0)
        case "disk": bytes(text, \.diskBytes)
        case "io_read": bytes(text, \.ioReadBytesPerSecond)
        case "io_write": bytes(text, \.ioWriteBytesPerSecond)
        case "processes": number(text, 1...4_194_304, \.processes)
        case "cpu_weight": number(text, 1...10_000, \.cpuWeight)
        case "io_weight": number(text, 1...10_000, \.ioWeight)
        case "io_read_ops": number(text, 1...4_294_967_294, \.ioReadOperationsPerSecond)
        case "io_write_ops": number(text, 1...4_294_967_294, \.ioWriteOperationsPerSecond)
        case "cpu":
            if let amount = Double(text), (0.01...4096).contains(amount) {
                LimitOption { $0.cpu = amount }
            } else {
                nil
            }
        case "cpus":
            ProcessorList.parse(text) == nil ? nil : LimitOption { $0.cpus = text }
        default: nil
        }
    }

    private typealias Path<Value> = WritableKeyPath<Limits, Value?> & Sendable

    private static func seconds(_ text: String, _ path: any Path<Double>) -> LimitOption? {
        guard let amount = Quantity.seconds(text), amount > 0 else { return nil }
        return LimitOption { $0[keyPath: path] = amount }
    }

    private static func bytes(_ text: String, _ path: any Path<Int>, least: Int = 1) -> LimitOption?
    {
        guard let amount = Quantity.bytes(text), amount >= least else { return nil }
        return LimitOption { $0[keyPath: path] = amount }
    }

    private static func number(
        _ text: String, _ range: ClosedRange<Int>, _ path: any Path<Int>
    ) -> LimitOption? {
        guard text.utf8.allSatisfy({ (48...57).contains($0) }), let amount = Int(text),
            range.contains(amount)
        else { return nil }
        return LimitOption { $0[keyPath: path] = amount }
    }
}

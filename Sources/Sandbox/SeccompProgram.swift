/// A filter as the kernel takes it: classic BPF over `struct seccomp_data`. It can be asked here, too, what it says of
/// a call, so that whoever reports a refusal gives the very answer that the kernel would have given.
struct SeccompProgram: Equatable, Sendable {
    /// `struct sock_filter`.
    struct Instruction: BitwiseCopyable, Equatable, Sendable {
        var code: UInt16
        var jt: UInt8
        var jf: UInt8
        var k: UInt32

        init(code: UInt16, jt: UInt8 = 0, jf: UInt8 = 0, k: UInt32 = 0) {
            (self.code, self.jt, self.jf, self.k) = (code, jt, jf, k)
        }

        /// As one word of a machine whose low bytes come first.
        init(_ word: UInt64) {
            code = UInt16(truncatingIfNeeded: word)
            jt = UInt8(truncatingIfNeeded: word >> 16)
            jf = UInt8(truncatingIfNeeded: word >> 24)
            k = UInt32(truncatingIfNeeded: word >> 32)
        }

        var word: UInt64 {
            UInt64(code) | UInt64(jt) << 16 | UInt64(jf) << 24 | UInt64(k) << 32
        }
    }

    /// `struct seccomp_data`, as far as programs look at it.
    struct Call: Equatable, Sendable {
        var number: Int32
        /// AUDIT_ARCH_*.
        var architecture: UInt32
        var arguments: [UInt64] = [0, 0, 0, 0, 0, 0]

        /// The 32 bits at an offset.
        func word(at offset: UInt32) -> UInt32? {
            switch offset {
            case 0: return UInt32(bitPattern: number)
            case 4: return architecture
            case 16..<64 where offset % 4 == 0:
                let argument = arguments[Int(offset - 16) / 8]
                // As the processor has it in memory, low half first.
                return UInt32(truncatingIfNeeded: offset % 8 == 0 ? argument : argument >> 32)
            default: return nil
            }
        }
    }

    /// What becomes of a call.
    enum Answer: Equatable, Sendable {
        case allowed
        case refused(errno: Int32)
        /// The whole process.
        case killed
    }

    var instructions: [Instruction]

    // The codes of linux/bpf_common.h that libseccomp uses.
    static let load: UInt16 = 0x20
    static let and: UInt16 = 0x54
    static let jump: UInt16 = 0x05
    static let jumpEqual: UInt16 = 0x15
    static let jumpAbove: UInt16 = 0x25
    static let jumpAtLeast: UInt16 = 0x35
    static let jumpSet: UInt16 = 0x45
    static let answer: UInt16 = 0x06

    // SECCOMP_RET_*.
    static let allow: UInt32 = 0x7fff_0000
    static let tell: UInt32 = 0x7fc0_0000
    static let refuse: UInt32 = 0x0005_0000
    static let killProcess: UInt32 = 0x8000_0000

    static func refusal(_ errno: Int32) -> UInt32 { refuse | UInt32(errno & 0xffff) }

    /// The longest that the kernel takes: BPF_MAXINSNS.
    static let longest = 4096

    /// What the kernel would return for the call; a program that the kernel would not take kills.
    func value(for call: Call) -> UInt32 {
        var (at, register) = (0, UInt32(0))
        while instructions.indices.contains(at) {
            let one = instructions[at]
            at += 1
            switch one.code {
            case Self.load:
                guard let word = call.word(at: one.k) else { return Self.killProcess }
                register = word
            case Self.and: register &= one.k
            case Self.jump: at += Int(one.k)
            case Self.jumpEqual: at += Int(register == one.k ? one.jt : one.jf)
            case Self.jumpAbove: at += Int(register > one.k ? one.jt : one.jf)
            case Self.jumpAtLeast: at += Int(register >= one.k ? one.jt : one.jf)
            case Self.jumpSet: at += Int(register & one.k != 0 ? one.jt : one.jf)
            case Self.answer: return one.k
            default: return Self.killProcess
            }
        }
        return Self.killProcess
    }

    func answer(to call: Call) -> Answer {
        let value = value(for: call)
        switch value & 0xffff_0000 {
        case Self.allow: return .allowed
        case Self.refuse: return .refused(errno: Int32(value & 0xffff))
        default: return .killed
        }
    }

    /// The same judgements, except that refusals are told to a listener, which must give the errno. What answers
    /// `silent`, as if the call were not there, is no refusal to tell of: programs ask for such calls all the time.
    func telling(except silent: Int32) -> SeccompProgram {
        var program = self
        for index in program.instructions.indices
        where program.instructions[index].code == Self.answer {
            let value = program.instructions[index].k
            if value & 0xffff_0000 == Self.refuse, value & 0xffff != UInt32(silent) {
                program.instructions[index].k = Self.tell
            }
        }
        return program
    }

    var bytes: [UInt8] { instructions.withUnsafeBytes { Array($0) } }

    /// Nil when the bytes are no program that the kernel might take.
    init?(bytes: some Collection<UInt8>) {
        let size = MemoryLayout<Instruction>.size
        guard !bytes.isEmpty, bytes.count % size == 0, bytes.count / size <= Self.longest else {
            return nil
        }
        let array = Array(bytes)
        instructions = array.withUnsafeBytes { raw in
            (0..<raw.count / size).map {
                raw.loadUnaligned(fromByteOffset: $0 * size, as: Instruction.self)
            }
        }
    }

    init(_ instructions: [Instruction]) {
        self.instructions = instructions
    }
}

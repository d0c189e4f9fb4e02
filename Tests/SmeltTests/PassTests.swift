import CSystem
import Glibc
import Testing

@Suite struct PassTests {
    private static let kind = Int32(SOCK_SEQPACKET.rawValue) | Int32(SOCK_NONBLOCK.rawValue)

    /// What comes out when `sent` descriptors are passed on where `wanted` were: the result, its errno, and how many.
    private func pass(_ sent: Int, wanted: Int32) throws -> (result: Int32, error: Int32, came: Int)
    {
        var (first, second): ([Int32], [Int32]) = ([-1, -1], [-1, -1])
        try #require(socketpair(AF_UNIX, Self.kind, 0, &first) == 0)
        try #require(socketpair(AF_UNIX, Self.kind, 0, &second) == 0)
        defer { for number in first + second { close(number) } }
        try #require(send(first[0], carrying: sent))
        let result = system_pass_on(first[1], second[0], wanted)
        let error = errno
        return (result, error, receive(second[1]))
    }

    /// `struct cmsghdr` is a length of 8 bytes, a level and a type, and then the descriptors.
    private func send(_ socket: Int32, carrying count: Int) -> Bool {
        var control = [UInt8](repeating: 0, count: (16 + count * 4 + 7) & ~7)
        control.withUnsafeMutableBytes {
            $0.storeBytes(of: 16 + count * 4, as: Int.self)
            $0.storeBytes(of: SOL_SOCKET, toByteOffset: 8, as: Int32.self)
            $0.storeBytes(of: 1, toByteOffset: 12, as: Int32.self)
            for index in 0..<count {
                $0.storeBytes(of: socket, toByteOffset: 16 + index * 4, as: Int32.self)
            }
        }
        return message(&control, used: count > 0) { sendmsg(socket, &$0, 0) } == 1
    }

    /// How many descriptors the next message has, which are closed; -1 when there is none.
    private func receive(_ socket: Int32) -> Int {
        var control = [UInt8](repeating: 0, count: 16 + 4 * 16)
        guard message(&control, used: true, { recvmsg(socket, &$0, 0) }) == 1 else { return -1 }
        return control.withUnsafeBytes { raw in
            let count = max(0, raw.load(as: Int.self) - 16) / 4
            for index in 0..<count {
                close(raw.load(fromByteOffset: 16 + index * 4, as: Int32.self))
            }
            return count
        }
    }

    private func message(
        _ control: inout [UInt8], used: Bool, _ call: (inout msghdr) -> Int
    ) -> Int {
        var byte: UInt8 = 1
        return withUnsafeMutableBytes(of: &byte) { note in
            control.withUnsafeMutableBytes { raw in
                var part = iovec(iov_base: note.baseAddress, iov_len: 1)
                return withUnsafeMutablePointer(to: &part) { part in
                    var header = msghdr()
                    (header.msg_iov, header.msg_iovlen) = (part, 1)
                    if used {
                        (header.msg_control, header.msg_controllen) = (raw.baseAddress, raw.count)
                    }
                    return call(&header)
                }
            }
        }
    }

    @Test func `as many descriptors as are expected are passed on`() throws {
        let passed = try pass(3, wanted: 3)
        #expect(passed.result == 0 && passed.came == 3)
    }

    @Test(arguments: [(2, Int32(3)), (4, 3), (0, 3), (0, 0)])
    func `another number of them goes nowhere`(sent: Int, wanted: Int32) throws {
        let passed = try pass(sent, wanted: wanted)
        #expect(passed.result == -1 && passed.error == EBADMSG && passed.came == -1)
    }
}

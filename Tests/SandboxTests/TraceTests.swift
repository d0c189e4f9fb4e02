import Glibc
import Testing

@testable import Sandbox

@Suite struct TraceTests {
    private let native: UInt32 = 0xc000_003e
    private let stop: UInt32 = 0x7ff0_0000

    private func value(
        _ call: String, _ arguments: [UInt64] = [0, 0, 0, 0, 0, 0], on machine: UInt32? = nil
    ) throws -> UInt32 {
        let number = try #require(SeccompRules.number(call))
        return TracedCalls.filter(architecture: native).value(
            for: .init(number: number, architecture: machine ?? native, arguments: arguments))
    }

    @Test func `every call in the table is stopped at, and no other`() throws {
        for (call, _) in TracedCalls.all where call != "sendto" {
            guard SeccompRules.number(call) != nil else { continue }
            #expect(try value(call) == stop, "\(call)")
        }
        for call in ["read", "write", "clone", "mmap", "exit_group", "futex", "socket"] {
            #expect(try value(call) == SeccompProgram.allow, "\(call)")
        }
    }

    @Test func `what is sent is looked at only where it has an address`() throws {
        #expect(try value("sendto") == SeccompProgram.allow)
        #expect(try value("sendto", [1, 2, 3, 4, 0x10, 6]) == stop)
        #expect(try value("sendto", [1, 2, 3, 4, 0x10_0000_0000, 6]) == stop)
        #expect(try value("sendto", [9, 9, 9, 9, 0, 9]) == SeccompProgram.allow)
    }

    @Test func `calls of another machine are not ours to stop`() throws {
        #expect(try value("openat", on: 0x4000_0003) == SeccompProgram.allow)
    }

    @Test(
        arguments: [
            ([2, 0, 0x01, 0xbb, 192, 0, 2, 7], "192.0.2.7:443", false),
            ([2, 0, 0, 80, 127, 0, 0, 9], "127.0.0.9:80", true),
            ([1, 0] + Array("/run/x".utf8) + [0, 65], "/run/x", true),
            ([1, 0, 0] + Array("name".utf8), "@name", true),
            (
                [10, 0, 0, 80, 0, 0, 0, 0] + [UInt8](repeating: 0, count: 15) + [1], "[::1]:80",
                true
            ),
            (
                [10, 0, 0, 80, 0, 0, 0, 0, 0x20, 0x01, 0x0d, 0xb8]
                    + [UInt8](repeating: 0, count: 11) + [1], "[2001:db8::1]:80", false
            ),
            ([40, 0, 1, 2], "AF_VSOCK", true), ([2, 0, 1], "AF_INET", true), ([7], nil, true),
        ] as [([UInt8], String?, Bool)])
    func `an address is told as people write it`(bytes: [UInt8], text: String?, isLocal: Bool) {
        #expect(SocketAddress(bytes).text == text)
        #expect(SocketAddress(bytes).isLocal == isLocal)
    }
}

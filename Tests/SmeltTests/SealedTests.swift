import Glibc
import Testing

@testable import Smelt

@Suite struct SealedTests {
    @Test func `what is sealed can be read again and again, and changed by nobody`() throws {
        let bytes = (0..<100_000).map { UInt8(truncatingIfNeeded: $0) }
        let file = try Descriptor(sealing: bytes, name: "test")
        for _ in 0..<2 {
            var read = [UInt8](repeating: 0, count: bytes.count + 1)
            let count = pread(file.number, &read, read.count, 0)
            #expect(count == bytes.count && Array(read.prefix(count)) == bytes)
        }
        var byte: UInt8 = 1
        let written = pwrite(file.number, &byte, 1, 0)
        #expect(written == -1 && errno == EPERM)
        let grown = ftruncate(file.number, off_t(bytes.count + 1))
        #expect(grown == -1 && errno == EPERM)
        let shrunk = ftruncate(file.number, 0)
        #expect(shrunk == -1 && errno == EPERM)
        // Nor by its name under /proc, where it could be opened anew.
        let again = open("/proc/self/fd/\(file.number)", O_RDWR | O_CLOEXEC)
        if again >= 0 {
            let through = write(again, &byte, 1)
            #expect(through == -1 && errno == EPERM)
            close(again)
        }
        #expect(fcntl(file.number, F_GETFD) & FD_CLOEXEC != 0)
    }
}

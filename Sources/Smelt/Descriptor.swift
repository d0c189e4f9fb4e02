internal import CSystem
internal import Glibc

/// An open file that belongs to one owner: closed when let go, never inherited by a child unless
/// the spawning code says so.
package struct Descriptor: ~Copyable, Sendable {
    package let number: Int32

    /// Takes over an open descriptor.
    package init(owning number: Int32) {
        self.number = number
    }

    /// Opens `path` close-on-exec; `mode` counts only where `flags` create.
    package init(
        opening path: String, _ flags: Int32, mode: UInt32 = 0o600,
        beneath directory: Int32 = AT_FDCWD
    ) throws(SystemFault) {
        let opened = retrying { openat(directory, path, flags | O_CLOEXEC, mode) }
        guard opened >= 0 else { throw SystemFault(errno, "open", path) }
        number = opened
    }

    deinit {
        close(number)
    }

    /// Hands the descriptor to somebody else; it is no longer closed here.
    package consuming func release() -> Int32 {
        let number = number
        discard self
        return number
    }

    /// Both ends of a new close-on-exec pipe, which belong to the caller.
    package static func pipe() throws(SystemFault) -> (reading: Int32, writing: Int32) {
        var ends: [Int32] = [-1, -1]
        guard system_pipe2(&ends, O_CLOEXEC) == 0 else {
            throw SystemFault(errno, "make", "a pipe")
        }
        return (ends[0], ends[1])
    }

    /// An empty file in memory.
    package init(memory name: String) throws(SystemFault) {
        number = system_memory_file(name)
        guard number >= 0 else { throw SystemFault(errno, "make memory for", name) }
    }

    /// A file in memory that holds `bytes` and that nobody can change any more, not even its owner.
    package init(sealing bytes: [UInt8], name: String) throws(SystemFault) {
        let file = Descriptor(owning: system_memory_file(name))
        guard file.number >= 0 else { throw SystemFault(errno, "make memory for", name) }
        var fault: SystemFault?
        bytes.withUnsafeBytes { raw in
            do throws(SystemFault) { try file.write(raw, name: name) } catch { fault = error }
        }
        if let fault { throw fault }
        guard system_seal(file.number) == 0 else { throw SystemFault(errno, "seal", name) }
        self = file
    }

    /// Everything that is in the file from here on, at most `limit` bytes.
    package func readAll(upTo limit: Int, name: String) throws -> [UInt8] {
        var bytes: [UInt8] = []
        var facts = stat()
        // Of a small file one byte more than it has, so that its end is seen at once.
        let isSmall =
            fstat(number, &facts) == 0 && facts.st_mode & S_IFMT == S_IFREG
            && facts.st_size < 65_536
        var chunk = [UInt8](
            repeating: 0, count: isSmall ? max(4096, Int(facts.st_size) + 1) : 65_536)
        while true {
            let count = retrying { read(number, &chunk, chunk.count) }
            guard count >= 0 else { throw SystemFault(errno, "read", name) }
            guard count > 0 else { return bytes }
            guard bytes.count + count <= limit else { throw TooLong(name: name, limit: limit) }
            bytes.append(contentsOf: chunk[..<count])
        }
    }

    /// Writes all of `bytes`, however many calls that takes.
    package func write(_ bytes: UnsafeRawBufferPointer, name: String) throws(SystemFault) {
        try writeAll(bytes, to: number, name: name)
    }

    package func sync(name: String) throws(SystemFault) {
        guard fsync(number) == 0 else { throw SystemFault(errno, "sync", name) }
    }
}

/// A file or an answer that is larger than we read.
package struct TooLong: Fault {
    package let name: String
    package let limit: Int
    package var exit: Exit { .invalid }
    package var code: String { "too_long" }
    package var description: String { "'\(name)' is longer than \(limit) bytes" }
}

/// Calls again for as long as a signal cut the call short.
package func retrying<Count: SignedInteger>(_ call: () -> Count) -> Count {
    while true {
        let result = call()
        if result >= 0 || errno != EINTR { return result }
    }
}

/// Writes all of `bytes` to a descriptor that somebody else owns; waits where it would block.
package func writeAll(
    _ bytes: UnsafeRawBufferPointer, to number: Int32, name: String
) throws(SystemFault) {
    var rest = bytes
    while !rest.isEmpty {
        let count = retrying { Glibc.write(number, rest.baseAddress, rest.count) }
        if count < 0 {
            guard errno == EAGAIN else { throw SystemFault(errno, "write", name) }
            var waiting = pollfd(fd: number, events: Int16(POLLOUT), revents: 0)
            _ = retrying { poll(&waiting, 1, -1) }
            continue
        }
        rest = UnsafeRawBufferPointer(rebasing: rest[count...])
    }
}

/// Asks the kernel for a larger pipe, so that stages change places less often; anything but a pipe,
/// or a refusal, is left as it is.
package func widenPipe(_ number: Int32, to bytes: Int) {
    _ = system_pipe_size(number, Int32(bytes))
}

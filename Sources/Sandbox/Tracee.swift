internal import CSystem
internal import Glibc
internal import Smelt

/// A stopped thread of a command that is traced, to be read. What it says of itself may be a lie: another thread of it
/// can change what is read here after the kernel has read it.
struct Tracee {
    let thread: Int32

    /// The longest that the kernel takes: PATH_MAX.
    private static let longestPath = 4096
    /// What is shown of one, bytes.
    static let shownPath = 1024

    /// What a call is about, as far as it can be read.
    func describe(_ object: TracedCalls.Object, _ arguments: [UInt64]) -> String? {
        switch object {
        case .nothing: return nil
        case .descriptor(let index): return file(of: arguments[index])
        case .address, .message: return address(of: object, arguments)?.text
        case .path(let index, let from):
            let directory = from.map { arguments[$0] }
            guard arguments[index] != 0 else { return directory.flatMap(file) }
            guard let path = text(at: arguments[index]) else { return nil }
            if path.hasPrefix("/") { return path }
            guard let start = directory.map({ file(of: $0) }) ?? workingDirectory else {
                return path
            }
            return path.isEmpty ? start : Files.resolve(path, against: start)
        }
    }

    /// Where a descriptor leads; nil where that cannot be seen.
    private func file(of number: UInt64) -> String? {
        let descriptor = Int32(truncatingIfNeeded: number)
        if descriptor == AT_FDCWD { return workingDirectory }
        return Files.goal(ofLink: "/proc/\(thread)/fd/\(descriptor)")
    }

    private var workingDirectory: String? { Files.goal(ofLink: "/proc/\(thread)/cwd") }

    /// Up to a NUL, by pages, since the next one may not be there.
    private func text(at address: UInt64) -> String? {
        var bytes: [UInt8] = []
        while bytes.count < Self.longestPath {
            let at = address &+ UInt64(bytes.count)
            let left = min(4096 - Int(at % 4096), Self.longestPath - bytes.count)
            guard let part = read(at, left) else { return nil }
            if let end = part.firstIndex(of: 0) {
                return String(decoding: bytes + part[..<end], as: UTF8.self)
            }
            bytes += part
        }
        return nil
    }

    private func read(_ address: UInt64, _ size: Int) -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: size)
        return system_trace_read(thread, address, &bytes, size) == size ? bytes : nil
    }

    /// Nil where there is none that could be read.
    func address(of object: TracedCalls.Object, _ arguments: [UInt64]) -> SocketAddress? {
        switch object {
        case .address(let index, let length):
            return address(at: arguments[index], UInt32(truncatingIfNeeded: arguments[length]))
        case .message(let index):
            // `struct msghdr` begins with them.
            guard let head = read(arguments[index], 12) else { return nil }
            let (place, size) = head.withUnsafeBytes {
                (
                    $0.loadUnaligned(as: UInt64.self),
                    $0.loadUnaligned(fromByteOffset: 8, as: UInt32.self)
                )
            }
            return place == 0 ? nil : address(at: place, size)
        case .path, .descriptor, .nothing: return nil
        }
    }

    private func address(at place: UInt64, _ size: UInt32) -> SocketAddress? {
        guard (2...128).contains(size), let bytes = read(place, Int(size)) else { return nil }
        return SocketAddress(bytes)
    }
}

/// A socket's address as the kernel takes it.
struct SocketAddress {
    let text: String?
    /// Whether it is this sandbox's own, or a name in it.
    let isLocal: Bool

    init(_ bytes: [UInt8]) {
        guard bytes.count >= 2 else {
            (text, isLocal) = (nil, true)
            return
        }
        func port() -> Int { Int(bytes[2]) << 8 | Int(bytes[3]) }
        switch Int32(bytes[0]) | Int32(bytes[1]) << 8 {
        case AF_INET where bytes.count >= 8:
            let numbers = bytes[4..<8].map { String($0) }.joined(separator: ".")
            (text, isLocal) = ("\(numbers):\(port())", bytes[4] == 127 || bytes[4] == 0)
        case AF_INET6 where bytes.count >= 24:
            var raw = in6_addr()
            withUnsafeMutableBytes(of: &raw) { $0.copyBytes(from: bytes[8..<24]) }
            var room = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
            inet_ntop(AF_INET6, &raw, &room, socklen_t(room.count))
            let end = room.firstIndex(of: 0) ?? room.endIndex
            let host = String(
                decoding: room[..<end].map { UInt8(bitPattern: $0) }, as: UTF8.self)
            (text, isLocal) = ("[\(host)]:\(port())", host == "::1" || host == "::")
        case AF_UNIX:
            let name = bytes.dropFirst(2)
            let isAbstract = name.first == 0
            let end = isAbstract ? name.endIndex : name.firstIndex(of: 0) ?? name.endIndex
            let shown = isAbstract ? name.dropFirst() : name[..<end]
            text = (isAbstract ? "@" : "") + String(decoding: shown, as: UTF8.self)
            isLocal = true
        case let family:
            text = SeccompNames.families.first { $0.value == UInt64(family) }?.name
            isLocal = true
        }
    }
}

internal import Glibc

/// Memory with a fixed address for the structs that C reads; freed as one. A child made by clone3 has a copy.
final class Arena {
    private var blocks: [UnsafeMutableRawPointer] = []

    deinit {
        for block in blocks { free(block) }
    }

    func text(_ string: String) throws(SandboxFault) -> UnsafePointer<CChar> {
        guard !string.utf8.contains(0) else { throw .badPlan("a text holds a NUL byte") }
        guard let copy = strdup(string) else { throw .badPlan("there is no memory for it") }
        blocks.append(UnsafeMutableRawPointer(copy))
        return UnsafePointer(copy)
    }

    func array<Element: BitwiseCopyable>(_ elements: [Element]) -> UnsafeMutablePointer<Element> {
        let block = UnsafeMutablePointer<Element>.allocate(capacity: max(1, elements.count))
        block.initialize(from: elements, count: elements.count)
        blocks.append(UnsafeMutableRawPointer(block))
        return block
    }

    /// Ended by a null pointer, as `execve` wants it.
    func vector(_ strings: [String]) throws(SandboxFault) -> UnsafeMutablePointer<
        UnsafeMutablePointer<CChar>?
    > {
        var pointers: [UnsafeMutablePointer<CChar>?] = []
        for string in strings { pointers.append(UnsafeMutablePointer(mutating: try text(string))) }
        return array(pointers + [nil])
    }
}

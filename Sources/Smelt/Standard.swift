internal import Glibc
internal import Synchronization

/// What a process needs from whoever starts it before anything else can be relied on.
package enum Standard {
    private static let outputIsNothing = Atomic<Bool>(false)

    /// Whether what stands in the place of 1 is ours, for it was closed.
    package static var outputCameClosed: Bool { outputIsNothing.load(ordering: .relaxed) }

    static func prepare() {
        fill()
        // Where it came ignored, children would be gone before their ends could be learnt.
        signal(SIGCHLD, SIG_DFL)
    }

    /// A file that we open must not become a standard descriptor that came closed: records and
    /// complaints would be written into it. What takes the place of 0 cannot be read and that of 1 not
    /// written, also by its name under /proc, so that using it is the fault that it would have been.
    private static func fill() {
        for number in Int32(0)...2 where fcntl(number, F_GETFD) < 0 && errno == EBADF {
            // The lowest free number is this one.
            _ = number == 1 ? open("/", O_RDONLY) : open("/dev/null", O_WRONLY)
            if number == 1 { outputIsNothing.store(true, ordering: .relaxed) }
        }
    }
}

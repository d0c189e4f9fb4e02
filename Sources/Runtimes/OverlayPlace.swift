internal import CSystem
internal import Glibc
internal import Smelt

extension SandboxEnvironment {
    /// Refuses to have workspaces where a session could not remove or rename what its checkout has: an overlay notes that in
    /// attributes `user.*` of the files above it (overlayfs.rst, "userxattr"), which tmpfs has since Linux 6.6 only. A workspace
    /// in an image of its own has a file system that keeps them. Throws `RuntimeFault.noAttributes`.
    package func checkAttributes() throws(RuntimeFault) {
        guard !isOnEngine, facts.diskGuard != .sized else { return }
        var byte: UInt8 = 0
        if system_attribute(directory, "user.overlay.opaque", &byte, 1) < 0, errno == EOPNOTSUPP {
            throw .noAttributes(directory)
        }
    }
}

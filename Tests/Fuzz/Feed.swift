import Glibc
import Smelt

/// Hands `body` a pipe with the bytes in it, which must fit, and their end.
func feed(_ bytes: [UInt8], _ body: (Int32) -> Void) {
    guard let ends = try? Descriptor.pipe() else { preconditionFailure("no pipe") }
    let written = write(ends.writing, bytes, bytes.count)
    precondition(written == bytes.count, "too much for a pipe")
    close(ends.writing)
    body(ends.reading)
    close(ends.reading)
}

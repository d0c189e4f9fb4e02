internal import Smelt

/// The lock `smelt.db.lock` beside the file: held shared by everybody who has the file open, so that a restore, which needs it
/// alone, never takes a file away to which somebody still writes.
final class UseLock {
    private let lock: Lock

    /// Waits for a restore that is under way.
    init(_ path: String) throws(StoreFault) {
        do { lock = try Lock("\(path).lock", .shared, creating: true) } catch {
            throw Self.fault(error)
        }
    }

    /// The lock alone; nil while anybody has the file open.
    static func alone(_ path: String) throws(StoreFault) -> UseLock? {
        do {
            guard let lock = try Lock.attempt("\(path).lock", .exclusive, creating: true) else {
                return nil
            }
            return UseLock(holding: lock)
        } catch { throw Self.fault(error) }
    }

    private init(holding lock: consuming Lock) { self.lock = lock }

    private static func fault(_ error: any Error) -> StoreFault {
        switch error {
        case let fault as SystemFault: .failed(fault)
        case let cancelled as Cancelled: .interrupted(cancelled.exit)
        default: .bug("\(error)")
        }
    }
}

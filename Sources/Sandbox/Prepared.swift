internal import CChild
internal import Glibc

// Mounts and listeners as the structs that the child reads.

extension EgressPorts.Listener {
    var prepared: child_listener {
        child_listener(
            address: address.bigEndian, port: UInt16(port).bigEndian, datagrams: datagrams)
    }
}

extension Layout.Mount {
    func prepared(at target: String, in arena: Arena) throws(SandboxFault) -> child_mount {
        var raw = child_mount()
        raw.target = try arena.text(target)
        raw.source = -1
        switch self {
        case .bind(let source):
            raw.kind = CHILD_MOUNT_BIND
            raw.source = Int32(source)
        case .file(let contents, let mode):
            let bytes = Array(contents.utf8)
            raw.kind = CHILD_MOUNT_FILE
            raw.contents = UnsafePointer(arena.array(bytes.map(CChar.init(bitPattern:))))
            raw.size = bytes.count
            raw.mode = mode & 0o7777
        case .copy(let number, let mode):
            raw.kind = CHILD_MOUNT_FILE
            raw.descriptor = number
            raw.mode = mode & 0o7777
        case .scratch(let mode, let isLinkless):
            raw.kind = CHILD_MOUNT_SCRATCH
            raw.mode = mode
            raw.linkless = isLinkless
        case .hide: raw.kind = CHILD_MOUNT_HIDE
        case .mask: raw.kind = CHILD_MOUNT_MASK
        case .pin: raw.kind = CHILD_MOUNT_PIN
        case .memory(let bytes):
            raw.kind = CHILD_MOUNT_MEMORY
            raw.size = max(1, bytes)
            raw.mode = 0o700
        case .secrets(let secrets):
            raw.kind = CHILD_MOUNT_SECRETS
            raw.lowers = UnsafePointer(arena.array(secrets.map(\.descriptor)))
            var names: [UnsafePointer<CChar>?] = []
            for secret in secrets { names.append(try arena.text(secret.name)) }
            raw.names = UnsafePointer(arena.array(names))
            raw.name_count = secrets.count
        case .overlay(let lower, let top, let upper, let work):
            raw.kind = CHILD_MOUNT_OVERLAY
            raw.lowers = UnsafePointer(arena.array(lower.map(Int32.init)))
            raw.lower_count = lower.count
            raw.source = Int32(top)
            raw.upper = try arena.text(upper)
            raw.work = try arena.text(work)
        case .places(let lower, let names):
            raw.kind = CHILD_MOUNT_PLACES
            raw.lowers = UnsafePointer(arena.array([Int32(lower)]))
            raw.lower_count = 1
            var pointers: [UnsafePointer<CChar>?] = []
            for name in names { pointers.append(try arena.text(name)) }
            raw.names = UnsafePointer(arena.array(pointers))
            raw.name_count = names.count
        case .proc: raw.kind = CHILD_MOUNT_PROC
        case .terminals: raw.kind = CHILD_MOUNT_TERMINALS
        case .link(let goal):
            raw.kind = CHILD_MOUNT_LINK
            raw.contents = try arena.text(goal)
        }
        return raw
    }
}

internal import Toml

/// Warnings about a policy that is good and yet may not be what its author thinks.
struct SeccompAdvice {
    let base: SeccompPolicy.Base
    let allow: [SeccompReader.Entry]
    let deny: [SeccompReader.Entry]
    let findings: Findings

    /// Calls of which one is as good as the other to whoever wants to do harm.
    private static let alike = [
        ["open", "openat", "openat2", "creat"], ["fork", "vfork", "clone"],
        ["unlink", "unlinkat"], ["rename", "renameat", "renameat2"], ["link", "linkat"],
        ["symlink", "symlinkat"], ["mkdir", "mkdirat"], ["mknod", "mknodat"],
        ["chmod", "fchmod", "fchmodat"], ["chown", "fchown", "lchown", "fchownat"],
        ["truncate", "ftruncate"], ["accept", "accept4"], ["sendto", "sendmsg", "sendmmsg"],
        ["recvfrom", "recvmsg", "recvmmsg"], ["dup", "dup2", "dup3"], ["pipe", "pipe2"],
        ["kill", "tkill", "tgkill", "rt_sigqueueinfo", "rt_tgsigqueueinfo", "pidfd_send_signal"],
    ]

    func give(_ table: Table) {
        if base == .none {
            let place = table.any("base")?.place ?? table.place
            findings.warn(
                place, "base 'none' allows every call that is not denied, also those yet to come")
        }
        for entry in allow where entry.value.when.isEmpty { look(atAllowed: entry) }
        for entry in deny where entry.value.when.isEmpty { look(atDenied: entry) }
    }

    private func look(atAllowed entry: SeccompReader.Entry) {
        let call = entry.value.call
        // What the profile refuses is worth a word also where the file starts from another base.
        let profile = SeccompProfile.of(base == .strict ? .strict : .default)
        if let reason = profile.reason(for: call) {
            let name = base == .strict ? "strict" : "default"
            findings.warn(
                entry.place,
                reason.isWhole
                    ? "\(entry.path): '\(call)' \(reason.why); \(name) refuses it"
                    : "\(entry.path): without conditions, '\(call)' also \(reason.why); \(name) refuses that"
            )
        } else if base == .default || base == .strict || base == .none {
            findings.warn(entry.place, "\(entry.path): '\(call)' is allowed without it")
        }
    }

    private func look(atDenied entry: SeccompReader.Entry) {
        let call = entry.value.call
        if isRefused(call, except: entry) {
            return findings.warn(entry.place, "\(entry.path): '\(call)' is refused without it")
        }
        let others = (Self.alike.first { $0.contains(call) } ?? []).filter {
            $0 != call && SeccompRules.number($0) != nil && !isRefused($0, except: entry)
        }
        guard !others.isEmpty else { return }
        let names = others.map { "'\($0)'" }.joined(separator: ", ")
        findings.warn(entry.place, "\(entry.path): refuses '\(call)', but \(names) can do the same")
    }

    private func isRefused(_ call: String, except entry: SeccompReader.Entry) -> Bool {
        if deny.contains(where: {
            $0.value.call == call && $0.value.when.isEmpty && $0.path != entry.path
        }) {
            return true
        }
        if allow.contains(where: { $0.value.call == call }) { return false }
        return base == .closed || SeccompProfile.of(base).reason(for: call)?.isWhole == true
    }
}

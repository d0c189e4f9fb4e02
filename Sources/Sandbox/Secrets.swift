internal import CSystem
internal import Glibc
internal import Smelt

/// Secrets in the part of the host that is shown. Most of these are readable by root alone anyway; this is for
/// the ones that somebody opened to a group, and for callers who are in it.
enum Secrets {
    static let places = [
        "/etc/shadow", "/etc/shadow-", "/etc/gshadow", "/etc/gshadow-", "/etc/security/opasswd",
        "/etc/sudoers", "/etc/sudoers.d", "/etc/ssl/private", "/etc/pki/tls/private",
        "/etc/letsencrypt",
        "/etc/krb5.keytab", "/etc/wireguard", "/etc/openvpn", "/etc/ipsec.d", "/etc/ipsec.secrets",
        "/etc/ppp", "/etc/NetworkManager/system-connections", "/etc/netplan", "/etc/wpa_supplicant",
        "/etc/docker", "/etc/containerd", "/etc/containers", "/etc/cni", "/etc/kubernetes",
        "/etc/rancher",
        "/etc/apt/auth.conf", "/etc/apt/auth.conf.d", "/etc/credstore", "/etc/credstore.encrypted",
        "/etc/cloud", "/etc/samba", "/etc/mysql/debian.cnf", "/etc/postgresql",
        "/etc/exim4/passwd.client",
        "/etc/postfix/sasl", "/etc/iscsi", "/etc/libvirt", "/etc/polkit-1",
        "/opt/containerd",
    ]

    /// Those that this host has and that the plan's command could get at, by their real paths: what is a link is hidden
    /// where it points to, if that is shown at all.
    static func present(for plan: Plan) -> [String] {
        let keys = Files.names(in: "/etc/ssh").filter {
            $0.hasPrefix("ssh_host_") && !$0.hasSuffix(".pub")
        }
        let reader = Reader(plan)
        var present: [String] = []
        for place in places + keys.map({ "/etc/ssh/\($0)" }) where reader.mayReach(place) {
            guard let real = try? Files.canonical(place), HostView.shows(real) else { continue }
            present.append(real)
        }
        return present
    }

    /// Who the command is to the host's files. What it may not read, write or search needs no cover: it has no
    /// capability over anything that is another user's.
    private struct Reader {
        let user: UInt32
        var groups: [UInt32]

        init(_ plan: Plan) {
            user = plan.hostUser ?? geteuid()
            groups = [plan.hostUser.map { plan.hostGroup ?? $0 } ?? getegid()]
            // Who is not privileged cannot let go of these.
            if plan.hostUser == nil { groups += Self.supplementary }
        }

        private static var supplementary: [UInt32] {
            var groups = [UInt32](repeating: 0, count: Int(max(0, getgroups(0, nil))))
            let count = getgroups(Int32(groups.count), &groups)
            return Array(groups.prefix(Int(max(0, count))))
        }

        func mayReach(_ place: String) -> Bool {
            var facts = stat()
            guard lstat(place, &facts) == 0 else { return false }
            var granted = facts.st_mode & 0o007
            if groups.contains(facts.st_gid) { granted |= facts.st_mode & 0o070 }
            let isPlain = [S_IFREG, S_IFDIR].contains(facts.st_mode & S_IFMT)
            guard isPlain, granted == 0, facts.st_uid != user else { return true }
            // The group's bits also bound what a list of access grants to others; see acl(5).
            var list: [UInt8] = [0]
            return facts.st_mode & 0o070 != 0
                && (system_attribute(place, "system.posix_acl_access", &list, 1) >= 0
                    || errno == ERANGE)
        }
    }
}

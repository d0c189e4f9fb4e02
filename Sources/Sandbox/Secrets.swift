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

    /// Those that this host has. Names are asked of the directories that hold them, by their real paths: what is
    /// a link is hidden where it points to, if that is shown at all.
    static func present() -> [String] {
        // Most hosts have few of them: one look at /etc saves a look for each.
        let names = Set(Files.names(in: "/etc"))
        let places = places.filter { place in
            guard place.hasPrefix("/etc/") else { return true }
            return names.contains(String(place.dropFirst(5).prefix { $0 != "/" }))
        }
        let keys = Files.names(in: "/etc/ssh").filter {
            $0.hasPrefix("ssh_host_") && !$0.hasSuffix(".pub")
        }
        return (places + keys.map { "/etc/ssh/\($0)" }).compactMap { place in
            guard let real = try? Files.canonical(place), HostView.shows(real) else { return nil }
            return real
        }
    }
}

package import Records

/// Where a request goes, from its target and its Host field, which must agree.
package struct HTTPTarget: Equatable {
    package let host: NetworkHost
    package let port: Int
    /// With the query, as it is sent on.
    package let path: String

    /// In front of the query.
    package var plainPath: String { String(path.prefix { $0 != "?" }) }

    /// `CONNECT host:port`
    package init?(authority: ArraySlice<UInt8>) {
        guard let (host, port) = Self.split(authority), let port else { return nil }
        self.host = host
        self.port = port
        path = ""
    }

    /// `GET http://host/path`, or `GET /path` and `Host: host`. Nil when there is no host, or more than one.
    package init?(_ head: HTTPHead, port inherited: Int = 80) {
        let hosts = head.values("host")
        guard hosts.count <= 1 else { return nil }
        var target = head.target
        var authority: ArraySlice<UInt8>?
        if target.first != UInt8(ascii: "/") {
            guard target.prefix(7).map(HTTPHead.lower).elementsEqual("http://".utf8) else {
                return nil
            }
            target = target.dropFirst(7)
            let end = target.firstIndex { [47, 63, 35].contains($0) } ?? target.endIndex
            authority = target[..<end]
            target = target[end...]
        }
        guard let place = authority ?? hosts.first, let (host, port) = Self.split(place) else {
            return nil
        }
        let assumed = authority == nil ? inherited : 80
        if authority != nil, let said = hosts.first {
            guard let (other, otherPort) = Self.split(said), other == host,
                (otherPort ?? assumed) == (port ?? assumed)
            else { return nil }
        }
        // HTTP/1.1 has one Host in any case.
        guard head.minor == 0 || hosts.count == 1 else { return nil }
        let text = String(decoding: target, as: UTF8.self)
        guard !text.contains("#") else { return nil }
        self.host = host
        self.port = port ?? assumed
        path = text.hasPrefix("/") ? text : "/\(text)"
    }

    /// As it stands in a Host field.
    package func authority(standard: Int) -> String {
        port == standard ? "\(host)" : "\(host):\(port)"
    }

    private static func split(_ bytes: ArraySlice<UInt8>) -> (NetworkHost, Int?)? {
        let end: Int
        if bytes.first == UInt8(ascii: "[") {
            guard let close = bytes.firstIndex(of: UInt8(ascii: "]")) else { return nil }
            end = close + 1
        } else {
            end = bytes.firstIndex(of: UInt8(ascii: ":")) ?? bytes.endIndex
        }
        guard let host = NetworkHost(bytes[..<end]) else { return nil }
        guard end < bytes.endIndex else { return (host, nil) }
        let text = String(decoding: bytes[(end + 1)...], as: UTF8.self)
        guard bytes[end] == UInt8(ascii: ":"), let port = NetworkRule.port(text) else { return nil }
        return (host, port)
    }
}

import Records
import Testing

@Suite struct NetworkRuleTests {
    static func bytes(_ text: String) -> NetworkHost? { NetworkHost(Array(text.utf8)) }

    @Test(
        arguments: [
            ("Example.ORG", "example.org"), ("example.org.", "example.org"), ("a_b.c-d", "a_b.c-d"),
            ("xn--bcher-kva.example", "xn--bcher-kva.example"), ("192.0.2.1", "192.0.2.1"),
            ("[2001:DB8::1]", "[2001:db8::1]"), ("localhost", "localhost"),
        ] as [(String, String)])
    func `a host has one spelling`(text: String, spelling: String) {
        #expect(NetworkHost(text)?.description == spelling)
    }

    @Test(arguments: [
        "", ".", "..", "a..b", "example.org..", ".example", "-a.example", "a-.example",
        "a.example-",
        "ex ample", "example.org\0.evil.test", "example.org\n", "example.org\r\nx",
        "b\u{fc}cher.example",
        "example%2eorg", "user@example.org", "example.org:80", "exa/mple", "127.1", "0x7f.1",
        "0x7f000001", "2130706433", "127.0.0.1.", "017700000001", "1.2.3.4.5", "1.2.3", "01.2.3.4",
        "[127.0.0.1]", "[::1", "::1", "[fe80::1%eth0]", "[::ffff:1.2.3.4]x", "example.123", "a.0x",
        String(repeating: "a", count: 64), String(repeating: "a.", count: 127) + "aa",
    ])
    func `what two programs could read differently is no host`(text: String) {
        #expect(NetworkHost(text) == nil)
    }

    @Test(
        arguments: [
            ("8.8.8.8", nil), ("2606:4700::1111", nil), ("0.0.0.0", "unspecified"),
            ("10.1.2.3", "private"), ("172.16.0.1", "private"), ("172.31.255.255", "private"),
            ("172.32.0.1", nil), ("192.168.1.1", "private"), ("127.9.9.9", "loopback"),
            ("169.254.169.254", "link-local"), ("168.63.129.16", "metadata"),
            ("100.64.0.1", "shared"), ("100.128.0.1", nil), ("100.100.100.200", "shared"),
            ("224.0.0.1", "multicast"), ("255.255.255.255", "reserved"), ("198.18.0.1", "reserved"),
            ("192.0.0.192", "reserved"), ("::", "unspecified"), ("::1", "loopback"),
            ("::ffff:8.8.8.8", "v4-mapped"), ("::8.8.8.8", "reserved"),
            ("64:ff9b::808:808", "NAT64"),
            ("64:ff9b:1::1", "NAT64"), ("fe80::1", "link-local"), ("fd00:ec2::254", "private"),
            ("ff02::1", "multicast"), ("2002:7f00:1::", "6to4"), ("2001::1", "reserved"),
            ("2001:db8::1", "reserved"), ("fec0::1", "reserved"),
        ] as [(String, String?)])
    func `an address of the internet is told from others`(text: String, special: String?) throws {
        let address = try #require(NetworkAddress(text))
        #expect(address.special == special)
    }

    @Test(
        arguments: [
            ("a.example", [80, 443], false, "a.example"),
            ("a.example:5432", [5432], false, "a.example"),
            ("*.example:443", [443], false, "x.y.example"),
            ("a.example/x", [80], true, "a.example"),
            ("GET a.example", [80], true, "a.example"), ("[::1]:80", [80], false, "[::1]"),
            ("GET+HEAD a.example:8080/pool/ private", [8080], true, "a.example"),
            ("2001:db8::1", [80, 443], false, "[2001:db8::1]"),
        ] as [(String, [Int], Bool, String)])
    func `a rule says where and how`(text: String, ports: [Int], plain: Bool, host: String) throws {
        let rule = try #require(NetworkRule(text))
        #expect(rule.ports == ports && rule.isPlainOnly == plain && rule.description == text)
        let matching = try #require(NetworkHost(host))
        #expect(rule.matches(matching) && !rule.matches(.name("b.test")))
        #expect(rule.isPrivate == text.hasSuffix(" private"))
    }

    @Test(arguments: [
        "", " ", "*", "*.", "a.example:0", "a.example:65536", "a.example:080", "a.example:",
        "a:b:c",
        "http://a.example", "get a.example", "GET a.example public",
        "a.example/../b",
        "a.example/%2e", "a.example//x", "a.example/x?y", "a b c", "*.1.2.3.4", "a.*.example",
        "ex\tample", "+ a.example", "GET+ a.example", "private",
    ])
    func `anything else is none`(text: String) {
        // One word is a name like any other.
        #expect(NetworkRule(text) == nil || text == "private")
    }

    @Test func `a wildcard is for what is below it and for no address`() throws {
        let rule = try #require(NetworkRule("*.example"))
        #expect(rule.matches(.name("a.example")) && rule.matches(.name("a.b.example")))
        #expect(!rule.matches(.name("example")) && !rule.matches(.name("anexample")))
        let address = try #require(NetworkAddress("8.8.8.8"))
        #expect(!rule.matches(.address(address)))
    }

    @Test(
        arguments: [
            ("https://api.example", "api.example", 443, ""),
            ("http://[::1]:8080/", "[::1]", 8080, ""),
            ("https://api.example:8443/v1/", "api.example", 8443, "/v1"),
        ] as [(String, String, Int, String)])
    func `an upstream is a URL`(url: String, host: String, port: Int, path: String) throws {
        let upstream = try #require(Broker.Upstream(url))
        #expect("\(upstream.host)" == host && upstream.port == port && upstream.path == path)
        #expect(upstream.isTLS == url.hasPrefix("https"))
    }

    @Test(arguments: [
        "", "api.example", "ftp://a.example", "https://", "https://u:p@a.example", "https://a/../b",
        "https://a.example?x", "https://a.example/%2e%2e", "https://a.example:0",
    ])
    func `anything else is no upstream`(url: String) {
        #expect(Broker.Upstream(url) == nil)
    }
}

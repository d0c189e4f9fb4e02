import Records
import Testing

@testable import Egress

@Suite struct PolicyTests {
    static func policy(_ rules: String...) -> Policy {
        Policy(rules.compactMap { NetworkRule($0) })
    }
    static let host = NetworkHost.name("a.example")

    @Test func `port 80 is read, other ports are tunnels`() throws {
        let policy = Self.policy("a.example", "b.example:22")
        #expect(policy.open(Self.host, 80) == .plain)
        #expect(policy.open(Self.host, 443) == .tunnel(policy.rules[0]))
        #expect(policy.open(.name("b.example"), 22) == .tunnel(policy.rules[1]))
        #expect(policy.open(Self.host, 22) == .refused(reason: "not in network.allow"))
        #expect(policy.open(.name("c.example"), 443) == .refused(reason: "not in network.allow"))
    }

    @Test func `a rule about requests lets nothing else through`() {
        let policy = Self.policy("GET a.example:8080/pool/")
        #expect(policy.open(Self.host, 8080) == .plain)
        #expect(policy.open(Self.host, 443) == .refused(reason: "not in network.allow"))
    }

    @Test(
        arguments: [
            ("GET", "/pool/x", true), ("GET", "/pool/", true), ("HEAD", "/pool/x", true),
            ("POST", "/pool/x", false), ("GET", "/pool", false), ("GET", "/pools", false),
            ("GET", "/pool/../etc", false), ("GET", "/pool/%2e%2e/etc", false),
            ("GET", "/pool/./x", false), ("GET", "/pool//x", false), ("GET", "//pool/x", false),
            ("GET", "/pool/x%00", false), ("GET", "/pool\\x", false), ("GET", "/POOL/x", false),
        ] as [(String, String, Bool)])
    func `a request is held against method and path`(method: String, path: String, ok: Bool) {
        let policy = Self.policy("GET+HEAD a.example/pool/")
        let verdict = policy.decide(Self.host, 80, method: method, path: path)
        #expect((verdict == .allowed(policy.rules[0])) == ok)
    }

    @Test func `a path ends where its parts end`() {
        #expect(Policy.lies("/a", beneath: "/a") && Policy.lies("/a/b", beneath: "/a"))
        #expect(!Policy.lies("/ab", beneath: "/a") && Policy.lies("/ab", beneath: "/"))
    }

    @Test(
        arguments: [
            ("a.example", "10.0.0.1", "10.0.0.1 is not of the internet (private)"),
            ("a.example", "169.254.169.254", "169.254.169.254 is not of the internet (link-local)"),
            ("a.example", "::ffff:8.8.8.8", "::ffff:8.8.8.8 is not of the internet (v4-mapped)"),
            ("a.example", "198.51.101.7", "198.51.101.7 is an address of this machine"),
            ("a.example", "8.8.8.8", nil), ("a.example private", "10.0.0.1", nil),
            ("10.0.0.1", "10.0.0.1", nil),
            ("10.0.0.1", "10.0.0.2", "10.0.0.2 is not of the internet (private)"),
            ("198.51.101.7", "198.51.101.7", nil),
        ] as [(String, String, String?)])
    func `a name leads into no private network`(rule: String, address: String, why: String?) throws
    {
        let own = try #require(NetworkAddress("198.51.101.7"))
        let parsed = try #require(NetworkRule(rule))
        let place = try #require(NetworkAddress(address))
        #expect(Policy.objection(to: place, for: parsed, own: [own]) == why)
    }

    @Test func `what repeats itself is told sixteen times and summed up`() {
        var told: [(String, Int)] = []
        let ledger = Ledger { told.append(($0.host, $0.count ?? 1)) }
        for _ in 0..<1000 { ledger.refuse("a.example", 443, "no") }
        #expect(told.count == 16)
        ledger.finish()
        #expect(told.count == 17 && told.map(\.1).reduce(0, +) == 1000)
        for number in 0..<10_000 { ledger.refuse("\(number).example", 443, "no") }
        ledger.finish()
        #expect(told.count < 2100 && told.map(\.1).reduce(0, +) == 11_000)
    }

    @Test(arguments: [
        "/a/../b", "/..", "/a/.", "/a/%2e%2E/b", "/a/..%2fb", "/a/%252e%252e/", "/a\\..\\b",
        "/..;x=1/b",
        "/a/.%2e",
    ])
    func `a path to a broker does not climb`(path: String) {
        #expect(BrokerDesk.climbs(path))
    }

    @Test(arguments: ["/v1/messages", "/a..b/c", "/...", "/a%20b", "/a/;..", "/%2ehidden"])
    func `other paths are let alone`(path: String) {
        #expect(!BrokerDesk.climbs(path))
    }
}

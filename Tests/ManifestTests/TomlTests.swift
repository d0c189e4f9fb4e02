import Records
import Testing

@testable import Manifest
@testable import Toml

struct TomlTests {
    static func read(_ text: String) throws -> Toml { try Toml.read(Array(text.utf8)) }

    static func problem(_ text: String) -> Problem? {
        do throws(Problem) {
            _ = try Toml.read(Array(text.utf8))
            return nil
        } catch {
            return error
        }
    }

    @Test func `values and keys know their places, in characters`() throws {
        guard case .table(let members) = try Self.read("\n[a]\n  \"é\" = 'ü' # x\n").value,
            let a = members.first, case .table(let inner) = a.value.value, let key = inner.first
        else {
            Issue.record("no table")
            return
        }
        #expect(a.keyPlace == Place(line: 2, column: 2))
        #expect(key.key == "é")
        #expect(key.keyPlace == Place(line: 3, column: 3))
        #expect(key.value.text == "ü")
        #expect(key.value.place == Place(line: 3, column: 9))
    }

    @Test func `every kind of value becomes JSON`() throws {
        let text = "a = [1, 2.5, true, 'x', 1979-05-27T07:32:00Z]\nb.c = {}"
        #expect(
            try Self.read(text).json
                == .object([
                    "a": .array([
                        .integer(1), .number(2.5), .bool(true), .string("x"),
                        .string("1979-05-27T07:32:00Z"),
                    ]), "b": .object(["c": .object([:])]),
                ]))
        #expect(try Self.read("a = inf").json == nil)
    }

    @Test(arguments: [
        ("a = ", 1, 5), ("a = 1\na = 2", 2, 5), ("[a\n", 1, 3), ("a = \"x", 1, 7),
        ("a = \"\\q\"", 1, 7),
    ])
    func `what is no TOML has a place`(text: String, line: Int, column: Int) throws {
        let found = try #require(Self.problem(text))
        #expect(found.place == Place(line: line, column: column))
        #expect(found.sentence.first?.isLowercase == true)
    }

    @Test func `bytes that are not UTF-8 are refused`() {
        #expect(throws: Problem.self) { try Toml.read([0x61, 0x3D, 0x22, 0xFF, 0x22]) }
    }

    /// Named, so that reports of tests stay short.
    static let longKeys = [
        "a" + String(repeating: ".a", count: 100_000) + " = 1",
        "[" + String(repeating: "a.", count: 100_000) + "a]",
        "x = '''\n''''\na" + String(repeating: " . \"a\"", count: 100_000) + " = 1",
        "x = \"\"\"\\\"\"\"\"\na" + String(repeating: ".'a'", count: 100_000) + " = 1",
        "x = {a" + String(repeating: ".a", count: 100_000) + " = 1}",
        "# '''\na" + String(repeating: ".a", count: 100_000) + " = 1",
        "x = 'it''s'\na" + String(repeating: ".a", count: 100_000) + " = 1",
    ]

    @Test(arguments: longKeys.indices)
    func `no key is too long for the parser`(index: Int) {
        let text = Self.longKeys[index]
        #expect(Self.problem(text) != nil)
    }

    /// Named, so that reports of tests stay short.
    static let dots = [
        "a = [1.1, 2.2, 3.3]\n" + String(repeating: "# ...\n", count: 50),
        "a = '" + String(repeating: ".", count: 1000) + "'",
        "a = '''" + String(repeating: "\n.", count: 1000) + "'''",
        "a = [\n" + String(repeating: "1.5,\n", count: 1000) + "]",
        "a.b.c.d.e = 1",
    ]

    @Test(arguments: dots.indices)
    func `dots that are no keys do not count`(index: Int) {
        let text = Self.dots[index]
        #expect(Self.problem(text) == nil)
    }

    /// Named, so that reports of tests stay short.
    static let nested = [
        String(repeating: "[", count: 100_000), "a = " + String(repeating: "[", count: 100_000),
        "a = " + String(repeating: "{a=", count: 100_000),
        "a = " + String(repeating: "{a.b.c.d.e.f=", count: 60) + "1"
            + String(repeating: "}", count: 60),
    ]

    @Test(arguments: nested.indices)
    func `nesting is bounded`(index: Int) {
        let text = Self.nested[index]
        #expect(Self.problem(text) != nil)
    }
}

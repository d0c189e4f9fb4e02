import FoundationEssentials
import Records
import Smelt
import Testing

@testable import Manifest
@testable import Toml

struct SchemaTests {
    /// The record as its line says it.
    static func json(_ record: some Record) throws -> JSONValue {
        let line = try RecordJSON.line(record, run: .unknown, at: Timestamp(milliseconds: 0))
        return try JSONDecoder().decode(JSONValue.self, from: Data(line))
    }

    @Test func `every record type has a sample and a table`() {
        let samples = Samples.all.map { type(of: $0).type }
        #expect(samples == RecordTables.all.map(\.name))
    }

    @Test(arguments: Samples.all.indices)
    func `a full record has exactly the members of its table`(index: Int) throws {
        let record = Samples.all[index]
        let table = RecordTables.all[index]
        guard case .object(var members) = try Self.json(record) else {
            Issue.record("no object")
            return
        }
        for name in ["v", "type", "time", "run"] { members[name] = nil }
        compare(.object(members), table)
    }

    /// Through all objects below.
    func compare(_ value: JSONValue, _ table: MemberTable) {
        guard case .object(let members) = value else { return }
        #expect(Set(members.keys) == Set(table.members.map(\.name)), "\(table.name)")
        for member in table.members {
            guard let inner = members[member.name] else { continue }
            switch (member.shape, inner) {
            case (.object(let name), _): compare(inner, named: name)
            case (.list(.object(let name)), .array(let elements)):
                for element in elements { compare(element, named: name) }
            default: break
            }
        }
    }

    func compare(_ value: JSONValue, named name: String) {
        let table = (JobTables.all + RecordTables.parts).first { $0.name == name }
        if let table { compare(value, table) } else { Issue.record("no table '\(name)'") }
    }

    @Test(arguments: Samples.all.indices)
    func `what the table calls optional may be left out, and nothing else`(index: Int) throws {
        let table = RecordTables.all[index]
        guard case .object(let members) = try Self.json(Samples.all[index]) else { return }
        for member in table.members {
            var less = members
            less[member.name] = nil
            let line = try JSONEncoder().encode(JSONValue.object(less))
            #expect(
                Self.decodes(Array(line), as: Samples.all[index]) == member.isOptional,
                "\(table.name).\(member.name)")
        }
    }

    static func decodes<R: Record>(_ line: [UInt8], as sample: R) -> Bool {
        (try? RecordJSON.decode(R.self, from: line)) != nil
    }

    @Test(arguments: Samples.all.indices)
    func `a full record is valid, and with a wrong member it is not`(index: Int) throws {
        let value = try Self.json(Samples.all[index])
        #expect(SchemaCheck.problems(value, against: Schema.records.value) == [])
        guard case .object(var members) = value, let first = RecordTables.all[index].members.first
        else { return }
        members[first.name] = .array([.null])
        if case .any = first.shape { return }
        #expect(!SchemaCheck.problems(.object(members), against: Schema.records.value).isEmpty)
    }

    @Test func `a record of an unknown type needs only a good head`() {
        let head: [String: JSONValue] = [
            "v": .integer(1), "type": .string("new"), "run": .string(RunID.unknown.description),
            "time": .string("2026-01-01T00:00:00.000Z"),
        ]
        #expect(SchemaCheck.problems(.object(head), against: Schema.records.value) == [])
        let cut = head.filter { $0.key != "run" }
        #expect(!SchemaCheck.problems(.object(cut), against: Schema.records.value).isEmpty)
    }

    @Test(arguments: Examples.manifests)
    func `every example is valid by the schema`(file: String) throws {
        let source = try SourceFile.read(file)
        let value = try #require(
            Toml(value: .table(try source.members()), place: .start).json)
        #expect(SchemaCheck.problems(value, against: Schema.manifest.value) == [])
    }

    @Test func `the bad example is not valid by the schema`() throws {
        let source = try SourceFile.read(Examples.directory + "/bad-manifest.toml")
        let value = try #require(
            Toml(value: .table(try source.members()), place: .start).json)
        #expect(!SchemaCheck.problems(value, against: Schema.manifest.value).isEmpty)
    }
}

enum Examples {
    static let directory: String = {
        let parts = #filePath.split(separator: "/").dropLast(3)
        return "/" + parts.joined(separator: "/") + "/examples"
    }()

    /// All that are meant to be good.
    static let manifests: [String] = {
        let here = Files.names(in: directory).map { "\(directory)/\($0)" }
        let agents = Files.names(in: "\(directory)/agents").map { "\(directory)/agents/\($0)" }
        return (here + agents).filter {
            $0.hasSuffix(".toml") && !$0.hasSuffix("/bad-manifest.toml")
                && !$0.hasSuffix("/server.toml")
        }
    }()
}

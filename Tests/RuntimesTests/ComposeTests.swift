import FoundationEssentials
import Records
import Smelt
import Testing

@testable import Runtimes

struct ComposeTests {
    static let labels = [
        "smelt.run": "r", "smelt.job": "j", "smelt.owner": "o", "smelt.lease": "h:/$l",
    ]
    /// What is a variable to compose is written as none.
    static let marks = labels.merging(["smelt.lease": "h:/$$l"]) { $1 }.mapValues(JSONValue.string)

    static func document(
        _ services: [JSONValue], _ others: ComposeNames = ComposeNames(), isOpen: Bool = false
    ) -> JSONValue {
        ComposeDocument(
            services: services, others: others, labels: labels, network: "smelt-r", isOpen: isOpen
        ).value
    }

    /// As compose's older program reads it; it prints what it read as JSON.
    static func read(_ text: String, with program: String) throws -> JSONValue {
        var command = Command("python3", "-c", program)
        command.input = .bytes(Array(text.utf8))
        let finished = try command.run()
        #expect(finished.errors == "")
        return try JSONDecoder().decode(JSONValue.self, from: Data(finished.output))
    }

    static let yaml =
        "import json, sys, yaml; json.dump(yaml.safe_load(sys.stdin.buffer), sys.stdout)"
    static let hasYAML =
        (try? Command("python3", "-c", "import yaml").run().succeeded) == true
        || Environment.nonEmpty("SMELT_MUST") != nil

    static let texts = [
        "", " ", "1", "1.0", "007", "1e3", "0x1f", "1:30", "yes", "No", "null", "~", "true", ".inf",
        "2001-01-01", "a: b", "- a", "# no", "a #b", "'", "\"", "\\", "\\n", "a\nb\n", "a\r\nb",
        "\t",
        "$HOME ${X:-y} $$", "{a}", "[a]", "&a", "*a", "!tag", "%", "@", "`", "|", ">", "a/b", "</",
        "\u{0}\u{1}\u{1b}\u{7f}\u{80}\u{85}\u{9f}\u{a0}", "\u{2028}\u{2029}x", "\u{feff}x",
        "\u{fffe}\u{ffff}", "ä 字 😀 \u{10ffff}", "=", "<<", String(repeating: "long ", count: 400),
    ]

    @Test(.enabled(if: hasYAML, "python3 has no yaml"))
    func `what is written is read as what it was`() throws {
        var object: [String: JSONValue] = [
            "numbers": .array([
                .integer(0), .integer(.max), .integer(.min), .number(0.5), .number(1.5e300),
                .number(-2e-300),
            ]),
            "others": .array([.null, .bool(true), .bool(false), .array([]), .object([:])]),
            "texts": .array(Self.texts.map(JSONValue.string)),
        ]
        for text in Self.texts where text.utf8.count < 1000 { object["k" + text] = .string(text) }
        #expect(try Self.read(JSONValue.object(object).yaml, with: Self.yaml) == .object(object))
    }

    @Test(
        .enabled(if: hasYAML, "python3 has no yaml"),
        arguments: [1.0, -3.0, 1e16, 1e20, 1e-7, 123456789012345680.0])
    func `a fraction is read as a fraction`(number: Double) throws {
        let program =
            "import json, sys, yaml; v = yaml.safe_load(sys.stdin.buffer); "
            + "json.dump([type(v).__name__, v], sys.stdout)"
        let read = try Self.read(JSONValue.number(number).yaml, with: program)
        guard case .array(let pair) = read else { return #expect(Bool(false)) }
        #expect(pair.first == .string("float"))
        let value = try JSONDecoder().decode(
            [Double].self, from: JSONEncoder().encode(Array(pair.dropFirst())))
        #expect(value == [number])
    }

    @Test func `a service goes whole, with two dollars for one`() {
        let service: JSONValue = .object([
            "name": .string("db"), "image": .string("i"),
            "command": .array([.string("$A$$"), .integer(1)]),
            "environment": .object(["$K": .string("$V"), "N": .integer(7)]),
            "healthcheck": .object(["retries": .integer(5), "disable": .bool(false)]),
        ])
        let file = Self.document([service])
        #expect(
            file["services"]
                == .object([
                    "db": .object([
                        "image": .string("i"),
                        "command": .array([.string("$$A$$$$"), .integer(1)]),
                        "environment": .object(["$K": .string("$$V"), "N": .integer(7)]),
                        "healthcheck": .object(["retries": .integer(5), "disable": .bool(false)]),
                        "labels": .object(Self.marks),
                        "dns": .array([.string("127.0.0.1")]),
                    ])
                ]))
        #expect(
            file["networks"]
                == .object([
                    "default": .object(["external": .bool(true), "name": .string("smelt-r")])
                ]))
        #expect(file["volumes"] == nil)
    }

    @Test func `labels are added in the form that there is`() {
        func labelled(_ labels: JSONValue) -> JSONValue? {
            Self.document([.object(["name": .string("a"), "labels": labels])])["services"]?["a"]?[
                "labels"]
        }
        #expect(
            labelled(.array([.string("x=$y")]))
                == .array(
                    ["x=$$y", "smelt.job=j", "smelt.lease=h:/$$l", "smelt.owner=o", "smelt.run=r"]
                        .map(JSONValue.string)))
        #expect(
            labelled(.object(["x": .string("y"), "smelt.run": .string("other")]))
                == .object(
                    Self.marks.merging(["x": .string("y")]) { $1 }))
    }

    @Test func `volumes and networks that services name are declared, but not those of a file`() {
        var others = ComposeNames()
        others.services = ["web": .init()]
        others.volumes = ["theirs"]
        others.networks = ["back"]
        let service: JSONValue = .object([
            "name": .string("a"),
            "volumes": .array([
                .string("data:/d"), .string("theirs:/t"), .string("./x:/x"), .string("/y:/y:ro"),
                .string("~/z:/z"), .string("/anonymous"),
                .object([
                    "type": .string("volume"), "source": .string("more"), "target": .string("/m"),
                ]),
                .object([
                    "type": .string("bind"), "source": .string("here"), "target": .string("/h"),
                ]),
            ]),
            "networks": .array([.string("default"), .string("back"), .string("front")]),
        ])
        let file = Self.document([service], others)
        let own = JSONValue.object(["labels": .object(Self.marks)])
        #expect(file["volumes"] == .object(["data": own, "more": own]))
        guard case .object(let networks)? = file["networks"] else { return #expect(Bool(false)) }
        #expect(networks.keys.sorted() == ["default", "front"])
        #expect(networks["front"]?["internal"] == .bool(true))
        #expect(file["services"]?["web"] == own)
        let open = Self.document([service], others, isOpen: true)
        #expect(open["networks"]?["front"] == own)
    }

    @Test func `what is declared is found in what config prints`() {
        var names = ComposeNames()
        names.services = [
            "db": .init(image: "busybox:latest"), "1": .init(image: "x"),
            "made": .init(image: nil, isBuilt: true),
        ]
        names.volumes = ["data", "more"]
        names.networks = ["back"]
        let older = """
            networks:
              back:
                internal: true
            services:
              '1':
                image: 'x'
              db:
                command:
                - sh
                - "services:\\n  no: image: no"
                environment:
                  image: not-this
                  TEXT: 'two

                    lines: here'
                image: busybox:latest
              made:
                build:
                  context: /x
                  image: nor-this
            version: '3.9'
            volumes:
              data: {}
              more:
                labels:
                  a: b
            """
        #expect(ComposeNames(parsing: older) == names)
        let newer = """
            name: smelt-r
            services:
                "1":
                    image: x
                    command: |
                        x:
                          - y
                db:
                    image: busybox:latest
                made:
                    build:
                        context: /x
            networks:
                back:
                    name: smelt-r_back
            volumes:
                data:
                    name: smelt-r_data
                more:
                    name: smelt-r_more
            """
        #expect(ComposeNames(parsing: newer) == names)
    }

    @Test(arguments: [
        ("running", nil, 0, nil, ComposeContainer.Readiness.ready),
        ("running", "starting", 0, nil, .waiting), ("running", "healthy", 0, nil, .ready),
        ("running", "unhealthy", 0, nil, .failed("is unhealthy")),
        ("exited", nil, 0, nil, .ready), ("exited", nil, 3, "no", .failed("ended with status 3")),
        ("exited", nil, 3, "always", .waiting), ("restarting", nil, 1, "always", .waiting),
        ("created", nil, 0, nil, .waiting),
    ])
    func `a service is ready, or not yet, or never`(
        status: String, health: String?, code: Int, restart: String?,
        wanted: ComposeContainer.Readiness
    ) {
        let container = ComposeContainer(
            Id: "x",
            State: .init(Status: status, ExitCode: code, Health: health.map { .init(Status: $0) }),
            Config: .init(), HostConfig: .init(RestartPolicy: .init(Name: restart)))
        #expect(container.readiness == wanted)
    }

    @Test func `a fault names the service, what its check says and what it printed`() {
        let fault = ComposeFault.failed(
            service: "db", why: "is unhealthy", check: "no socket", lines: ["one", "two\u{1b}"])
        #expect(
            fault.description
                == "could not start the service 'db': it is unhealthy, its check says "
                + "'no socket', and printed last 'one', 'two\\u{1b}'")
        #expect(fault.exit == .unavailable)
    }

    @Test(arguments: [
        (
            "Creating x ... \nERROR: for db  Cannot start service db: no space\nERROR: Encountered errors while "
                + "bringing up the project.", "for db  Cannot start service db: no space"
        ),
        (
            "ERROR: The Compose file './a' is invalid because:\nservices.db.x is odd\nservices.db.y, too",
            "ERROR: The Compose file './a' is invalid because: services.db.x is odd services.db.y, too"
        ),
        (
            "service \"db\" refers to undefined network x: invalid compose project\n",
            "service \"db\" refers to undefined network x: invalid compose project"
        ),
    ])
    func `compose's complaint is its telling line`(errors: String, reason: String) {
        #expect(ComposeCommand.reason(errors) == reason)
    }
}

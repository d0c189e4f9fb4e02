import Glibc
import Smelt
import Testing
import Toml

@testable import Sandbox

/// smelt-seccomp(5) says what the profiles are, and no more.
struct SeccompPageTests {
    static let page: String = {
        let top = (0..<3).reduce(#filePath) { path, _ in Files.parent(of: path) }
        return (try? Files.readText("\(top)/man/smelt-seccomp.5")) ?? ""
    }()

    /// Words behind a macro, in the lines of a section.
    static func words(_ macro: String, from start: String, to end: String) -> Set<String> {
        let lines = page.split(separator: "\n").map(String.init)
        guard let first = lines.firstIndex(of: start), let last = lines.firstIndex(of: end) else {
            return []
        }
        let marked = lines[first..<last].filter { $0.hasPrefix(".\(macro) ") }
        return Set(
            marked.flatMap { $0.split(separator: " ").dropFirst() }.map(String.init).filter {
                $0.contains { $0.isLetter }
            })
    }

    static func calls(_ base: SeccompPolicy.Base) -> Set<String> {
        let profile = SeccompProfile.of(base)
        return Set(profile.parts.flatMap(\.calls) + profile.judged.map(\.call))
    }

    @Test func `what default refuses is in the page, and nothing else`() {
        let named = Self.words("Ic", from: ".Ss The profile default", to: ".Ss The profile strict")
        // It is spoken of because it is allowed.
        #expect(named.subtracting(["ptrace"]) == Self.calls(.default))
    }

    @Test func `so is what strict refuses beside it`() {
        let named = Self.words("Ic", from: ".Ss The profile strict", to: ".Sh EXAMPLES")
        #expect(
            named.subtracting(["personality"])
                == Self.calls(.strict).subtracting(Self.calls(.default)))
    }

    @Test func `every key and every name is in the page`() {
        let keys = Self.words("It", from: ".Ss Keys", to: ".Ss Conditions")
        let sections = [SeccompKeys.policy, SeccompKeys.permission, SeccompKeys.refusal]
        #expect(keys.subtracting(["Ic"]) == Set(sections.flatMap(\.keys).map(\.name)))
        for base in SeccompPolicy.Base.allCases {
            #expect(Self.page.contains(".Cm \(base.rawValue)"), "\(base)")
        }
        let numbers = Self.words("Ql", from: ".Ss Conditions", to: ".Ss The profile default")
        for (name, _) in SeccompNames.all {
            let isKind = name.hasPrefix("AF_") || name.hasPrefix("CLONE_")
            #expect(
                numbers.contains(isKind ? name.prefix(while: { $0 != "_" }) + "_*" : name),
                "\(name)")
        }
    }

    @Test(arguments: [0, 1, 2])
    func `the examples are good policies`(index: Int) throws {
        let blocks = Self.page.components(between: ".Bd -literal -offset indent\n", and: ".Ed")
        try #require(blocks.count == 3)
        let path = "/tmp/smelt-test-\(getpid())-\(index).toml"
        defer { unlink(path) }
        try Files.replace(path, with: blocks[index].replacing("\\(dq", with: "\"").utf8)
        #expect(try SeccompFile.read(path).policy.isProfile == false)
    }
}

extension String {
    fileprivate func components(between start: String, and end: String) -> [String] {
        var (all, rest) = ([String](), self[...])
        while let first = rest.firstRange(of: start) {
            rest = rest[first.upperBound...]
            guard let last = rest.firstRange(of: end) else { break }
            all.append(String(rest[..<last.lowerBound]))
            rest = rest[last.upperBound...]
        }
        return all
    }
}

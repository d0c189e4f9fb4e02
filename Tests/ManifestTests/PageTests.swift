import Smelt
import Testing

@testable import Manifest
@testable import Toml

struct PageTests {
    static let page: String = {
        let top = Files.parent(of: Examples.directory)
        return ["smelt-manifest", "smelt-server"].map {
            (try? Files.readText("\(top)/man/\($0).5")) ?? ""
        }.joined()
    }()

    /// All words that the page shows as keys.
    static let named: Set<String> = {
        let lines = page.split(separator: "\n").filter {
            $0.hasPrefix(".It Ic ") || $0.hasPrefix(".Ic ")
        }
        let words = lines.flatMap { $0.split(separator: " ").dropFirst() }.map(String.init)
        return Set(words.filter { $0 != "Ic" && $0.contains(where: \.isLetter) })
    }()

    static func sections(in section: Section) -> [Section] {
        // Policies of system calls have a page of their own.
        section.name == "seccomp policy"
            ? [] : [section] + section.keys.flatMap { sections(in: $0.shape) }
    }

    static func sections(in shape: Shape) -> [Section] {
        switch shape {
        case .table(let section), .tables(let section): sections(in: section)
        case .list(let element): sections(in: element)
        case .either(let shapes): shapes.flatMap { sections(in: $0) }
        default: []
        }
    }

    static let all = (sections(in: JobKeys.manifest) + sections(in: ServerKeys.server))
        .map { section in section.keys.map { (section.name, $0) } }.flatMap(\.self)

    @Test(arguments: all.indices)
    func `every key has its place in the page`(index: Int) {
        let (section, key) = Self.all[index]
        switch key.shape {
        case .table, .tables:
            let isThere =
                Self.named.contains(key.name) || Self.page.contains("[\(key.name)]")
                || Self.page.contains(".\(key.name)]]")
            #expect(isThere, "[\(section)] \(key.name)")
        default:
            #expect(
                Self.named.contains(key.name) || Self.page.contains(".Ss [\(key.name)]"),
                "[\(section)] \(key.name)")
        }
    }

    @Test func `the page names no key that is not read`() {
        let known = Set(Self.all.map(\.1.name))
        let others = Self.named.subtracting(known).filter { !$0.contains("[") }
        #expect(others == [])
    }

    @Test(arguments: Presets.names)
    func `every preset is in the page`(name: String) {
        #expect(Self.page.contains(".It Cm \(name)\n"))
        #expect(Files.exists("\(Examples.directory)/agents/\(name).toml"))
    }
}

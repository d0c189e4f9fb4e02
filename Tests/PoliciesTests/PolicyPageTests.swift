import Policies
import Smelt
import Testing
import Toml

/// smelt-policy(5) names every key, and no other.
struct PolicyPageTests {
    static let page: String = {
        let top = (0..<3).reduce(#filePath) { path, _ in Files.parent(of: path) }
        return (try? Files.readText("\(top)/man/smelt-policy.5")) ?? ""
    }()

    /// Words that are shown as keys in the list of them.
    static let named: Set<String> = {
        let lines = page.split(separator: "\n").map(String.init)
        guard let first = lines.firstIndex(of: ".Ss Keys"),
            let last = lines.firstIndex(of: ".Ss Several policies")
        else { return [] }
        let marked = lines[first..<last].filter { $0.hasPrefix(".Ic ") || $0.hasPrefix(".It Ic ") }
        return Set(
            marked.flatMap { $0.split(separator: " ").dropFirst() }.map(String.init).filter {
                $0 != "Ic" && $0.contains { $0.isLetter }
            })
    }()

    static func keys(of section: Section) -> [String] {
        section.keys.flatMap { key in
            // It has a page of its own.
            key.name == "seccomp" ? [key.name] : [key.name] + keys(in: key.shape)
        }
    }

    static func keys(in shape: Shape) -> [String] {
        switch shape {
        case .table(let section), .tables(let section): keys(of: section)
        case .list(let element): keys(in: element)
        case .either(let shapes): shapes.flatMap { keys(in: $0) }
        default: []
        }
    }

    @Test func `keys and page are the same`() {
        let keys = Set(Self.keys(of: PolicyKeys.policy))
        #expect(keys.subtracting(Self.named) == [], "not in the page")
        #expect(Self.named.subtracting(keys) == [], "not read")
    }
}

internal import Glibc
import Forges
import Records
import Smelt

/// What people do with the requests of a local forge.
enum LocalVerbs {
    static func list(_ words: Words) throws -> Exit {
        guard words.operands.isEmpty else { throw Usage("list takes no operands") }
        let forge = try forge(words)
        for request in try forge.requests() {
            if isForPeople(words) {
                try put(row(request) + "\n")
            } else {
                try write(request)
            }
        }
        return .done
    }

    static func show(_ words: Words) throws -> Exit {
        let (forge, number) = try named(words)
        guard let request = try forge.request(number) else {
            throw ForgeFault.noRequest("\(number)", in: Visible.line(forge.path))
        }
        if isForPeople(words) {
            try put(row(request) + "\n\n" + Visible.block(request.body) + "\n")
        } else {
            try write(request)
        }
        return .done
    }

    static func end(_ words: Words, _ how: (LocalForge, Int) throws -> Void) throws -> Exit {
        let (forge, number) = try named(words)
        try how(forge, number)
        return .done
    }

    /// A local request's URL is `file://PATH#NUMBER`.
    static func local(_ url: String) -> (LocalForge, Int)? {
        guard url.hasPrefix("file:///"), let mark = url.lastIndex(of: "#"),
            let number = Int(url[url.index(after: mark)...])
        else { return nil }
        return (LocalForge(String(url[..<mark].dropFirst(7))), number)
    }

    static func isForPeople(_ words: Words) -> Bool {
        words[SmeltPR.human] || !words[SmeltPR.json] && isatty(1) == 1
    }

    private static func named(_ words: Words) throws -> (LocalForge, Int) {
        guard let word = words.operands.first, words.operands.count == 1 else {
            throw Usage("name one request")
        }
        if let (forge, number) = local(word) {
            try forge.check()
            return (forge, number)
        }
        guard let number = Int(word), number > 0 else { throw DeliverFault.notLocal(word) }
        return (try forge(words), number)
    }

    private static func forge(_ words: Words) throws -> LocalForge {
        let forge = LocalForge(
            Files.resolve(words[SmeltPR.repository] ?? ".", against: Files.workingDirectory))
        try forge.check()
        return forge
    }

    private static func row(_ request: LocalRequest) -> String {
        let state = request.draft && request.state == .open ? "draft" : request.state.rawValue
        return "\(request.number)  \(state)  \(Visible.line(request.head)) → "
            + "\(Visible.line(request.base))  \(Visible.line(request.title))"
    }

    private static func write(_ request: LocalRequest) throws {
        try request.json.withUnsafeBytes { try LineWriter(1).write($0) }
    }
}

@preconcurrency internal import CSystem
@preconcurrency internal import Glibc

/// Splits a command line by a table, with the C library's `getopt_long`: abbreviations, joined
/// short flags and `--` are as everywhere.
enum Parsing {
    /// `strict`: everything from the first operand on is an operand (`smelt-exec -- ls -l`).
    static func words(
        _ arguments: [String], table: [any Declared], strict: Bool
    ) throws(Usage) -> Words {
        let names = table.map { strdup($0.name) }
        defer { names.forEach { free($0) } }
        var long = zip(table, names).enumerated().map { index, row in
            option(
                name: row.1, has_arg: row.0.placeholder.isEmpty ? 0 : 1, flag: nil,
                val: Int32(1000 + index))
        }
        long.append(option(name: nil, has_arg: 0, flag: nil, val: 0))
        var short = strict ? "+:" : ":"
        for row in table {
            if let letter = row.short { short += "\(letter)\(row.placeholder.isEmpty ? "" : ":")" }
        }

        var vector: [UnsafeMutablePointer<CChar>?] = (["smelt"] + arguments).map { strdup($0) }
        let owned = vector
        defer { owned.forEach { free($0) } }
        let count = Int32(vector.count)
        vector.append(nil)
        opterr = 0
        optind = 0

        var given: [(name: String, text: String)] = []
        while true {
            let found = getopt_long(count, vector, short, long, nil)
            if found == -1 { break }
            guard found != 63, found != 58 else {
                throw complaint(found, table: table, at: vector[Int(optind) - 1])
            }
            let row: any Declared
            if found >= 1000 {
                row = table[Int(found) - 1000]
            } else {
                guard
                    let named = table.first(where: {
                        $0.short?.asciiValue.map(Int32.init) == found
                    })
                else { continue }
                row = named
            }
            let text = row.placeholder.isEmpty ? "" : optarg.map { String(cString: $0) } ?? ""
            guard row.accepts(text) else {
                throw Usage("--\(row.name) needs \(row.wants), not '\(text)'")
            }
            given.append((row.name, text))
        }
        let operands = vector[Int(optind)..<Int(count)].compactMap {
            $0.map { String(cString: $0) }
        }
        // An option's value may be two dashes, too.
        let last = vector[Int(optind) - 1]
        let isEnded = last.map { strcmp($0, "--") == 0 } == true && last != optarg
        let behind = isEnded ? arguments.firstIndex(of: "--").map { arguments.count - $0 - 1 } : 0
        return Words(operands: operands, given: given, behindDashes: behind ?? 0)
    }

    private static func complaint(
        _ found: Int32, table: [any Declared], at word: UnsafeMutablePointer<CChar>?
    ) -> Usage {
        let word = word.map { String(cString: $0) } ?? ""
        if found == 58 {
            let row = table.first {
                optopt == 1000 + Int32(table.firstIndex(named: $0.name) ?? -1)
                    || $0.short?.asciiValue.map(Int32.init) == optopt
            }
            return Usage("--\(row?.name ?? word) needs \(row?.wants ?? "a value")")
        }
        if optopt >= 1000 {
            return Usage("--\(table[Int(optopt) - 1000].name) takes no value")
        }
        if optopt != 0, let scalar = Unicode.Scalar(UInt32(optopt)) {
            return Usage("unknown option '-\(Character(scalar))'")
        }
        let name = word.drop { $0 == "-" }.prefix { $0 != "=" }
        let like = table.map(\.name).filter { $0.hasPrefix(name) }
        if like.count > 1 {
            let all = like.map { "--\($0)" }.joined(separator: ", ")
            return Usage("option '--\(name)' could be \(all)")
        }
        let near = Spelling.nearest(to: String(name), among: table.map(\.name))
        return Usage("unknown option '--\(name)'" + (near.map { "; did you mean --\($0)?" } ?? ""))
    }
}

extension [any Declared] {
    fileprivate func firstIndex(named name: String) -> Int? { firstIndex { $0.name == name } }
}

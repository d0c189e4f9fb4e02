import Forges
import Results

/// The files that a result changes, with counts of lines.
enum Numstat {
    static func files(
        in results: Git, from base: String, to commit: String
    ) throws -> [Change.File] {
        let output = try results.run(
            "diff", "--numstat", "-z", "--no-renames", "--no-ext-diff", "--no-textconv", base,
            commit, "--")
        return String(decoding: output, as: UTF8.self).split(separator: "\0").compactMap { entry in
            let parts = entry.split(
                separator: "\t", maxSplits: 2, omittingEmptySubsequences: false)
            guard parts.count == 3 else { return nil }
            // "-" stands in both columns for a binary file.
            return Change.File(
                path: String(parts[2]), insertions: Int(parts[0]), deletions: Int(parts[1]))
        }
    }
}

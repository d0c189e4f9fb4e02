/// Processors as the kernel lists them: numbers and ranges, `0-3,6`.
package enum ProcessorList {
    /// The largest that Linux can be built for on any architecture, less one.
    private static let last = 8191

    /// Nil unless `text` is such a list, without blanks, ranges rising.
    package static func parse(_ text: String) -> Set<Int>? {
        var all: Set<Int> = []
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            let ends = part.split(separator: "-", omittingEmptySubsequences: false)
            let numbers = ends.compactMap { end in
                end.utf8.allSatisfy { (48...57).contains($0) } ? Int(end) : nil
            }
            guard numbers.count == ends.count, (1...2).contains(ends.count),
                let first = numbers.first, let end = numbers.last, first <= end, end <= last
            else { return nil }
            all.formUnion(first...end)
        }
        return all
    }
}

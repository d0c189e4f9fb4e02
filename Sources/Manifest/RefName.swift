/// The rules of git-check-ref-format(1) for names of branches.
enum RefName {
    /// Why `name` cannot be a branch; nil when it can.
    static func complaint(about name: String) -> String? {
        let parts = name.split(separator: "/", omittingEmptySubsequences: false)
        if name.utf8.count > 200 { return "is longer than 200 characters: shorten it" }
        if name == "HEAD" || name == "@" { return "cannot be '\(name)': name a branch" }
        if name.hasPrefix("-") { return "must not begin with '-'" }
        if parts.contains(where: \.isEmpty) {
            return "must have a name before, after and between its slashes"
        }
        if parts.contains(where: { $0.hasPrefix(".") }) {
            return "must have no part that begins with '.'"
        }
        if parts.contains(where: { $0.hasSuffix(".lock") }) {
            return "must have no part that ends with '.lock'"
        }
        if name.hasSuffix(".") { return "must not end with '.'" }
        for wrong in ["..", "@{"] where name.contains(wrong) { return "must not hold '\(wrong)'" }
        for scalar in name.unicodeScalars {
            if scalar.value < 32 || scalar.value == 127 { return "must hold no control characters" }
            if " ~^:?*[\\".unicodeScalars.contains(scalar) {
                return scalar == " " ? "must hold no spaces" : "must not hold '\(scalar)'"
            }
        }
        return nil
    }
}

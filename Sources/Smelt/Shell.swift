/// Words for commands that people copy into a shell.
package enum Shell {
    package static func quoted(_ word: String) -> String {
        let plain = "/._-+=:,@%"
        let isPlain = word.unicodeScalars.allSatisfy {
            $0.isASCII && $0.properties.isAlphabetic || ("0"..."9").contains($0)
                || plain.unicodeScalars.contains($0)
        }
        if isPlain, !word.isEmpty { return word }
        var quoted = "'"
        for character in Visible.line(word) {
            quoted += character == "'" ? "'\\''" : "\(character)"
        }
        return quoted + "'"
    }
}

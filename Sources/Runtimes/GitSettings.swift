internal import Records

/// git's configuration inside: a file of ours that only reads.
enum GitSettings {
    static let path = "/etc/gitconfig"

    static func text(for style: CommitStyle) -> String {
        """
        [user]
        \tname = \(quoted(style.name))
        \temail = \(quoted(style.email))
        [core]
        \tcheckStat = minimal
        \ttrustctime = false
        [gc]
        \tauto = 0
        [maintenance]
        \tauto = false
        [safe]
        \tdirectory = *
        [init]
        \tdefaultBranch = main
        [commit]
        \tgpgSign = false
        [advice]
        \(silent.map { "\t\($0) = false\n" }.joined())
        """
    }

    /// git has no one switch for its advice.
    private static let silent = [
        "addEmbeddedRepo", "addEmptyPathspec", "addIgnoredFile", "ambiguousFetchRefspec",
        "amWorkDir", "checkoutAmbiguousRemoteBranchName", "commitBeforeMerge", "detachedHead",
        "fetchShowForcedUpdates", "ignoredHook", "implicitIdentity", "mergeConflict",
        "nestedTag", "pushUpdateRejected", "resetNoRefresh", "resolveConflict", "rmHints",
        "sequencerInUse", "skippedCherryPicks", "statusAheadBehind", "statusHints",
        "statusUoption", "submoduleAlternateErrorStrategyDie", "updateSparsePath",
        "waitingForEditor",
    ]

    private static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\\", "\"": result += "\\\(scalar)"
            case _ where scalar.value < 32: result += " "
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }
}

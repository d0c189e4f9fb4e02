internal import Sandbox

/// What spares git the look at every file of a large checkout: `core.fsmonitor` of the checkout's
/// own configuration names this script (githooks(5), fsmonitor-watchman version 2), and its index
/// says that all files are as they were. Over a fresh overlay a look at 50,000 files takes half a
/// second.
///
/// An overlay copies a file up before anything about it changes, so what is in the upper layer is a
/// superset of what changed since the checkout, and that is always the answer. Each path is also
/// given as a directory: a whiteout or a file may stand where one was.
enum Changed {
    static let path = "/run/smelt/changed"
    /// Where the session's own layer can be read inside.
    static let upper = "/run/smelt/upper"

    static func grants(upper source: String) -> [Grant] {
        [
            .readOnly(source: source, target: upper),
            .file(contents: script, target: path, mode: 0o444),
        ]
    }

    /// Where find may not look, it ends with another status than 0, and git looks at everything
    /// itself. In another work tree of the same repository everything may have changed.
    private static let script = """
        printf 'smelt\\0'
        if [ "$(pwd -P)" != \(SandboxEnvironment.workspace) ]; then
            printf '/\\0'
        else
            cd \(upper) && find . -mindepth 1 -path ./.git -prune -o -printf '%P\\0%P/\\0' 2>/dev/null
        fi

        """
}

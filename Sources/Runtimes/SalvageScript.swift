internal import Sandbox

extension Salvage {
    /// Arguments: branch, message, start, base, where more objects are (lines), seconds that the agent's own
    /// repository has, and `own`. It runs among an agent's files, so it can be deceived; what it prints is checked like
    /// any bundle, and only the agent's own work is at stake.
    struct Script {
        /// Whether what was changed lies in a layer of its own; else every file is looked at.
        let hasLayer: Bool

        private var layer: String { hasLayer ? Changed.upper : "." }
        private var monitor: String { hasLayer ? "sh \(Changed.path)" : "false" }

        var whole: String {
            common + """
                # What a git would stop at or wait on for ever: locks of one that was killed, pipes, devices, links to them.
                unblock() {
                    find .git \\( -name '*.lock' -type f -o -type p -o -type c \\) -exec rm -f {} +
                    find .git -type l -exec /bin/sh -c '
                        for link; do if [ -p "$link" ] || [ -c "$link" ]; then rm -f "$link"; fi; done' links {} +
                    (cd \(layer) && find . -path ./.git -prune -o -type p -print0) | xargs -0 -r rm -f
                } 2>/dev/null

                # A repository below that was begun and has no commit: git would pass over all that is in it.
                adopt() {
                    (cd \(layer) && find . -mindepth 2 -name .git -type d -prune -print0) | xargs -0 -r /bin/sh -c '
                        for own; do
                            if grep -q ^ref: "$own/HEAD" && [ ! -s "$own/packed-refs" ] &&
                                [ -z "$(find "$own/refs" -type f)" ]; then rm -rf "$own"; fi
                        done' adopt
                } 2>/dev/null

                # Without the agent's repository: the files as they lie there.
                from_files() {
                    rm -rf /tmp/salvage.git
                    monitor=false
                    g init -q --bare /tmp/salvage.git && export GIT_DIR=/tmp/salvage.git || return 1
                    g config core.bare false && export GIT_WORK_TREE=$PWD || return 1
                    printf '%s\n' "$objects" > "$GIT_DIR/objects/info/alternates"
                    # With what was tracked, so that a file which is ignored as well does not count as deleted.
                    g read-tree "$start" && everything || return 1
                    if [ "$tree" = "$(tree_of "$start")" ]; then said="$start 0"
                    else said="$(g commit-tree -m "$message" -p "$start" "$tree") 1" || return 1
                    fi
                    g update-ref "$branch" "${said% ?}"
                }

                # So many seconds, where the image has a program for that; whoever called is not patient for ever either.
                bounded() {
                    if timeout -k 1 1 true 2>/dev/null; then timeout -k 1 "$@"; else shift && "$@"; fi
                }

                unblock
                adopt
                # Its configuration may name something that never ends to read.
                if said=$(bounded "$6" /bin/sh -c "$7" own "$@"); then own_place; else from_files || exit 1; fi
                echo "commit $said"
                in_history "${said% ?}" "$base" || g bundle create -q - "^$base" "$branch"
                """
        }

        /// The same arguments; prints the commit, and 1 where it was made here.
        var own: String {
            common + """
                own_place
                head=$(g rev-parse -q --verify 'HEAD^{commit}') || head=$start
                tip=$(g rev-parse -q --verify "$branch^{commit}") || tip=$start
                # A spoilt index must not cost the history.
                everything || { export GIT_INDEX_FILE=/tmp/salvage.index; g read-tree "$head" && everything; } || exit 1
                if in_history "$tip" "$head"; then last=$head
                elif in_history "$head" "$tip"; then last=$tip
                else last=
                fi
                made=0
                if [ -z "$last" ]; then
                    commit=$(g commit-tree -m "$message" -p "$head" -p "$tip" "$tree") || exit 1
                elif [ "$tree" = "$(tree_of "$head")" ]; then commit=$last
                else commit=$(g commit-tree -m "$message" -p "$last" "$tree") && made=1 || exit 1
                fi
                g update-ref "$branch" "$commit" && echo "$commit $made"
                """
        }

        private var common: String {
            """
            branch=refs/heads/$1 message=$2 start=$3 base=$4 objects=$5
            monitor="\(monitor)"
            g() { git -c core.hooksPath=/dev/null -c "core.fsmonitor=$monitor" "$@"; }
            in_history() { g merge-base --is-ancestor "$1" "$2" 2>/dev/null; }
            tree_of() { g rev-parse -q --verify "$1^{tree}"; }
            # A file that cannot be read must not cost the others: status 1.
            everything() { g add -A --sparse --ignore-errors . >&2; [ $? -le 1 ] && tree=$(g write-tree); }
            # Whatever its configuration says of a work tree elsewhere, or none.
            own_place() { export GIT_DIR="$PWD/.git" GIT_WORK_TREE="$PWD"; }

            """
        }
    }
}

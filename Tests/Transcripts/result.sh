# For tests of what comes after the result, to be sourced: a user's repository `repo`, smelt's own
# `results.git` with a result for the run $run, and functions that print the records of its log.

run=01k00000000000000000000000
repo=$PWD/repo
results=$SMELT_STATE_DIR/results.git
forge='' review=none job_review=false draft=false target=feature warnings=

mkdir -p -m 700 "$SMELT_STATE_DIR"
git init -q "$repo"
printf 'one\n' >"$repo/file"
git -C "$repo" add file
git -C "$repo" commit -qm start
base=$(git -C "$repo" rev-parse HEAD)
git init -q --bare "$SMELT_STATE_DIR/import.git"
git init -q --bare "$results"
echo ../../import.git/objects >"$results/objects/info/alternates"

# result TEXT [PARENT]: a commit of that content in results.git, then in $commit.
result() {
    git -C "$results" fetch -q "$repo" "${2:-$base}"
    blob=$(printf '%s\n' "$1" | git -C "$results" hash-object -w --stdin)
    tree=$(printf '100644 blob %s\tfile\n' "$blob" | git -C "$results" mktree)
    commit=$(git -C "$results" commit-tree -p "${2:-$base}" -m "change: $1" "$tree")
    git -C "$results" update-ref "refs/smelt/results/$run" "$commit"
}

# record TYPE MEMBERS
record() {
    printf '{"v":1,"type":"%s","time":"2026-01-01T00:00:00.000Z","run":"%s",%s}\n' "$1" "$run" "$2"
}

planned() {
    record run.planned '"job":{"name":"demo","repository":"'"${url:-$repo}"'","baseRef":"main","environment":{"runtime":"sandbox"},"sessions":[],"limits":{},"network":{"mode":"none","allow":[]},"workspace":{"copy":[],"mounts":[]},"commit":{"name":"smelt","email":"smelt@localhost","signoff":false,"trailers":[]},"merge":{"strategy":"sequential","order":[],"target":"'"$target"'","includeFailed":true,"aiResolution":false},"review":{"required":'$job_review',"expiresSeconds":'"${expires:-86400}"'},"protect":[]'"${forge:+,\"forge\":$forge}"'},"manifest":{"path":"job.toml","sha256":"00"},"runsDirectory":"'"$PWD"'/.smelt/runs","smeltVersion":"0.1.0"'
}

collected() {
    record result.collected '"branch":"'"$target"'","commit":"'"$commit"'","base":"'"$base"'","commits":1,"files":1,"insertions":1,"deletions":1,"sessions":["work"],"draft":'$draft',"review":"'$review'"'"${warnings:+,\"warnings\":$warnings}"
}

# decided DECISION [COMMIT]
decided() {
    record review.decided '"decision":"'"$1"'","commit":"'"${2:-$commit}"'","actor":"uid:0"'
}

log() {
    planned
    collected
}

# Prints what a stage added, without its time and run.
own() {
    sed -E -e 's/"time":"[^"]*","run":"[^"]*",//' \
        -e '/"type":"(run.planned|result.collected|session.finished|gate.finished|egress)"/d'
}

# For tests of smelt-collect, to be sourced: a base commit $base in import.git, an environment, and
# the agent's repository `agent` in which `session` makes a session's work and bundles it as
# smelt-exec does. `log` prints the records of a run up to the end of its sessions.

run=01k00000000000000000000000
state=$SMELT_STATE_DIR
results=$state/results.git
environment=$state/environments/smelt-$run
target=feature strategy=sequential order= failed_too=true protect= credentials= review=false name=demo
sessions=

mkdir -p -m 700 "$state" && mkdir -p "$environment" && : >"$environment/lease"
git init -q --bare "$state/import.git"
git init -q agent
printf 'one\ntwo\nthree\n' >agent/file
git -C agent add file
git -C agent commit -qm start
base=$(git -C agent rev-parse HEAD)
git -C agent push -q "../.state/import.git" "main:refs/smelt/base/$base"

# session NAME ENDING SCRIPT: the branch of a session that did SCRIPT on top of the base.
session() {
    git -C agent checkout -q -B "smelt/$1" "$base"
    (cd agent && eval "$3" && git add -A && { git diff --cached --quiet || git commit -qm "work of $1"; })
    tip=$(git -C agent rev-parse HEAD)
    [ "$tip" = "$base" ] || git -C agent bundle create -q - "^$base" "refs/heads/smelt/$1" >"$environment/$1.bundle"
    sessions="$sessions $1:$2:$tip"
}

# record TYPE MEMBERS
record() {
    printf '{"v":1,"type":"%s","time":"2026-01-01T00:00:00.000Z","run":"%s",%s}\n' "$1" "$run" "$2"
}

log() {
    list=
    for s in $sessions; do
        list="$list${list:+,}{\"name\":\"${s%%:*}\",\"spec\":\"\",\"harness\":\"true\",\"timeoutSeconds\":60,\"dependsOn\":[],\"env\":{}}"
    done
    record run.planned '"job":{"name":"'"$name"'","repository":"/repo","baseRef":"main","environment":{"runtime":"sandbox"},"sessions":['"$list"'],"limits":{},"network":{"mode":"none","allow":[]},"workspace":{"copy":[],"mounts":[]},"commit":{"name":"smelt","email":"smelt@localhost","signoff":false,"trailers":[]},"merge":{"strategy":"'$strategy'","order":['"$order"'],"target":"'"$target"'","includeFailed":'$failed_too',"aiResolution":false},"review":{"required":'$review',"expiresSeconds":60},"protect":['"$protect"']'"${credentials:+,\"credentials\":{\"env\":{\"TOKEN\":\"$credentials\"\}\}}"'},"manifest":{"path":"job.toml","sha256":"00"},"runsDirectory":"'"$PWD"'/.smelt/runs","smeltVersion":"0.1.0"'
    record environment.ready '"id":"smelt-'$run'","runtime":"sandbox","baseRef":"main","baseCommit":"'$base'","directory":"'"$environment"'","workspace":"/workspace","limits":{},"network":{"mode":"none","allow":[]}'
    for s in $sessions; do
        rest=${s#*:}
        record session.started '"session":"'${s%%:*}'","attempt":1,"branch":"smelt/'${s%%:*}'","commit":"'$base'","workspace":"/workspace"'
        record session.finished '"session":"'${s%%:*}'","attempt":1,"ending":"'${rest%%:*}'","branch":"smelt/'${s%%:*}'","commit":"'${rest#*:}'"'
    done
    record sessions.finished '"endings":{}'
}

# Prints what collect added, without its time and run.
own() {
    grep -E '"type":"(result.collected|failed)"' | sed -E 's/"time":"[^"]*","run":"[^"]*",//'
}

refs() {
    git -C "$results" for-each-ref --format='%(refname)'
}

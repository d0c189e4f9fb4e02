# For tests of the environment, to be sourced: a user's repository `repo` with one commit, and the
# records of a run in it.

run=01k00000000000000000000000
environment=$SMELT_STATE_DIR/environments/smelt-$run
export PATH="$BIN:$PATH"
export GIT_AUTHOR_NAME=Test GIT_AUTHOR_EMAIL=test@example.org
export GIT_COMMITTER_NAME=Test GIT_COMMITTER_EMAIL=test@example.org
git init -q -b main repo
printf 'one\n' >repo/file
git -C repo add file
git -C repo commit -qm start
base=$(git -C repo rev-parse HEAD)

# planned [REPOSITORY [REF [MORE]]]: the run's plan. MORE is TOML; harness is what the session does.
planned() {
    cat >job.toml <<TOML
[job]
name = "demo"
repo = "${1:-repo}"
base_ref = "${2:-main}"

[environment]
runtime = "${runtime:-sandbox}"
${image:-}

[[session]]
name = "work"
spec = "do it"
harness = '''${harness:-true}'''
timeout = 60

[merge]
target = "done"
${3:-}
TOML
    smelt-manifest plan --run ${id:-$run} job.toml
}

# provision [OPTION...]: the stage alone, into a file, behind which nobody could take the lease.
provision() {
    smelt-provision "$@" >out
    echo "status $?"
    shown <out
}

# Prints records of the environment without what changes from run to run.
shown() {
    jq -c 'select(.type | startswith("environment.") or . == "failed")
        | del(.v, .time, .run, .directory, .hostUser, .limits)'
}

# inside SCRIPT [PIPE-OPTION]: a run whose session is that script; the result is in $all.
inside() {
    harness=$1 planned | smelt-provision 2>complaints | smelt-exec | smelt-provision release >all
    jq -j 'select(.type == "output") | .text' all
}

# Whole runs go, oldest first, with what is kept of them; rescued work only when asked for.
given=$TOP/Tests/Transcripts/smelt-runs/given
for letter in a b c; do "$given" "s/0000a/0000$letter/" | smelt-runs record >/dev/null; done
git=$SMELT_STATE_DIR/results.git; git init -q --bare $git
commit=$(git --git-dir $git commit-tree -m x $(git --git-dir $git mktree </dev/null))
for ref in runs/01k0000000000000000000000a/one rescued/01k0000000000000000000000a/one runs/01k0000000000000000000000c/one results/01k0000000000000000000000c
do git --git-dir $git update-ref refs/smelt/$ref $commit; done
for letter in a c; do
    echo task >.smelt/runs/hello/01k0000000000000000000000$letter.one.spec
    mkdir -p $SMELT_STATE_DIR/reviews/01k0000000000000000000000$letter
    echo {} >$SMELT_STATE_DIR/reviews/01k0000000000000000000000$letter/request.json
done
smelt-runs prune --keep 1 | jq -r .run; ls .smelt/runs/hello $SMELT_STATE_DIR/reviews
git --git-dir $git for-each-ref --format='%(refname)'
smelt-runs prune --keep 0 --older-than 1000000d; smelt-runs prune --keep 0 hello | jq -r .run; ls -A .smelt/runs
smelt-runs prune; smelt-runs prune --keep 1 nobody
>>>
01k0000000000000000000000a
01k0000000000000000000000b
.smelt/runs/hello:
01k0000000000000000000000c.jsonl
01k0000000000000000000000c.one.spec
state.toml

{any}/reviews:
01k0000000000000000000000c
refs/smelt/rescued/01k0000000000000000000000a/one
refs/smelt/results/01k0000000000000000000000c
refs/smelt/runs/01k0000000000000000000000c/one
01k0000000000000000000000c
>>>2
smelt-runs: say what may go, with --keep or --older-than
usage: {any}
smelt-runs: there is no run or job 'nobody' here: say where with --dir
>>>= 66

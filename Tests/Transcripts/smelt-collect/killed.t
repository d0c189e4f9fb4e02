# Killed before any of the git calls that it makes, it leaves nothing that the next one minds.
. "$TOP/Tests/Transcripts/smelt-collect/sessions.sh"
session a succeeded 'echo a >a'
session b succeeded 'echo b >b'
log >run.jsonl
mkdir shim
cat >shim/git <<'END'
#!/bin/sh
here=${0%/*}
count=$(($(cat "$here/count") + 1))
echo $count >"$here/count"
[ $count -ne "$(cat "$here/kill")" ] || kill -9 $PPID
exec /usr/bin/git "$@"
END
chmod +x shim/git
smelt-collect <run.jsonl >out
reset() {
    git -C "$results" for-each-ref --format='delete %(refname)' | git -C "$results" update-ref --stdin
    rm -f "$results"/objects/pack/*
    echo 0 >shim/count
    echo "$1" >shim/kill
}
reset 0
PATH=$PWD/shim:$PATH smelt-collect <run.jsonl | own | sed 's/"bundleSha256":"[^"]*"//' >whole
calls=$(cat shim/count)
[ "$calls" -gt 20 ] && echo enough calls
for call in $(seq "$calls"); do
    reset "$call"
    PATH=$PWD/shim:$PATH smelt-collect <run.jsonl >out
    [ $? = 137 ] || echo "call $call was survived"
    smelt-collect <run.jsonl | own | sed 's/"bundleSha256":"[^"]*"//' | cmp - whole
    [ -z "$(ls "$results/incoming")" ] || echo "call $call left something"
    git -C "$results" fsck --strict --no-dangling 2>&1 | grep -v notice:
done 2>&1 | grep -v Killed
refs
>>>
enough calls
refs/smelt/results/{id}
refs/smelt/runs/{id}/a
refs/smelt/runs/{id}/b

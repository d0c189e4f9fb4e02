# A full disk is no fault of the session's: 74, nothing stays, and with room again all is well.
. "$TOP/Tests/Transcripts/smelt-collect/sessions.sh"
session work succeeded 'head -c 2000000 /dev/urandom >new'
log >run.jsonl
git init -q --bare "$results" && echo ../../import.git/objects >"$results/objects/info/alternates"
mkdir "$results/incoming"
unshare -rm sh -c 'mount -t tmpfs -o size=256k none "$1"; smelt-collect <run.jsonl >out; echo $?; find "$1" -type f' sh "$results/incoming"
smelt-collect <run.jsonl | own | grep -o '"sessions":[^]]*]'
>>>
74
"sessions":["work"]
>>>2
smelt-collect: could not write in '{T}/.state/results.git/incoming': No space left on device

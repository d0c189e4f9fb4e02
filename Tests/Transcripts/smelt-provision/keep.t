# --keep leaves the environment and says how to get in; only an explicit age clears it away.
. "$TOP/Tests/Transcripts/environment.sh"
harness='echo here >note'
planned | smelt-provision | smelt-exec | smelt-provision release --keep >out 2>complaints
tail -n 1 out | shown
entrance=$(sed -n 's/^  smelt-exec/smelt-exec/p' complaints)
echo 'cat note; git branch --show-current' | sh -c "$(echo "$entrance")" 2>/dev/null
smelt-provision gc
smelt-provision list --json | jq -r .state
smelt-provision gc --older-than 0s 2>/dev/null
ls -A "$SMELT_STATE_DIR/environments"
>>>
{"type":"environment.released","id":"smelt-01k00000000000000000000000","removed":false,"rescued":[]}
here
smelt/work
kept
.lock

# Release removes the environment, also after a failure, and again does nothing.
. "$TOP/Tests/Transcripts/environment.sh"
planned | smelt-provision | smelt-provision release | shown
ls -A "$SMELT_STATE_DIR/environments"
planned | smelt-provision >out
{ cat out; echo '{"v":1,"type":"failed","time":"2026-01-01T00:00:00.000Z","run":"'$run'","stage":"exec","code":"io","status":74,"message":"oh"}'; } |
    smelt-provision release >again
tail -n 1 again | shown
smelt-provision release <again | wc -l | tr -d ' '
wc -l <again | tr -d ' '
>>>
{"type":"environment.ready","baseCommit":"{commit}","baseRef":"main","id":"smelt-01k00000000000000000000000","network":{"allow":[],"mode":"none"},"runtime":"sandbox","workspace":"/workspace"}
{"type":"environment.released","id":"smelt-01k00000000000000000000000","removed":true,"rescued":[]}
.lock
{"type":"environment.released","id":"smelt-01k00000000000000000000000","removed":true,"rescued":[]}
4
4

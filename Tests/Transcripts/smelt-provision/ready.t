# A planned run gets an environment at its base commit, and every record passes.
. "$TOP/Tests/Transcripts/environment.sh"
planned | provision
head -n 1 out | jq -r .type
ls "$environment"
>>>
status 0
{"type":"environment.ready","baseCommit":"{commit}","baseRef":"main","id":"smelt-01k00000000000000000000000","network":{"allow":[],"mode":"none"},"runtime":"sandbox","workspace":"/workspace"}
run.planned
environment.json
lease
work

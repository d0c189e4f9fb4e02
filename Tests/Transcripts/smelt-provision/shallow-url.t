# Neither does a shallow one behind a URL get in, and it leaves no trace.
. "$TOP/Tests/Transcripts/environment.sh"
git -C repo commit -q --allow-empty -m two
git clone -q --depth 1 "file://$PWD/repo" clone
planned "file://$PWD/clone" | smelt-provision >out 2>/dev/null
tail -n 1 out | jq -r .code
planned "file://$PWD/repo" | provision | head -n 1
>>>
shallow_repository
status 0

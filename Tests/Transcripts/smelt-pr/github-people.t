# What people wrote into the request around our part stays; theirs with the same head in a fork does not count.
. "$TOP/Tests/Transcripts/result.sh"
. "$TOP/Tests/Transcripts/github.sh"
github
result two
log | smelt-pr >out
set_github '{"pull":{"body":"Mine before.\n<!-- smelt:begin -->\nold\n<!-- smelt:end -->\nMine behind."}}'
result three
log | smelt-pr >out
sed -n '1p;$p' web/body; echo
grep -c old web/body
set_github '{"pull":{"head_repo":"other/r","state":"closed"}}'
log | smelt-pr >out; own <out | tail -n 1
wrongs
>>>
Mine before.
Mine behind.
0
{"v":1,"type":"pull_request.opened","base":"main","draft":false,"forge":"github","head":"feature","number":2,"url":"http://127.0.0.1/o/r/pull/2"}

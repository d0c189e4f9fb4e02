# Where the other side cannot move two references at once, the branch goes first, then the note.
. "$TOP/Tests/Transcripts/result.sh"
. "$TOP/Tests/Transcripts/github.sh"
github
git -C web/o/r.git config receive.advertiseAtomic false
result two
log | smelt-pr >out; own <out | tail -n 1
[ "$(git -C web/o/r.git rev-parse feature)" = "$commit" ] || echo not pushed
[ "$(git -C web/o/r.git rev-parse refs/smelt/delivered/demo)" = "$commit" ] || echo not noted
wrongs
>>>
{"v":1,"type":"pull_request.opened","base":"main","draft":false,"forge":"github","head":"feature","number":1,"url":"http://127.0.0.1/o/r/pull/1"}

# push_url: another place for the branch, which does not get the token.
. "$TOP/Tests/Transcripts/result.sh"
. "$TOP/Tests/Transcripts/github.sh"
more=',"pushURL":"'$PWD'/mirror.git"'
git clone -q --bare repo mirror.git
git -C mirror.git config core.hooksPath "$PWD/mirror.git/hooks"
printf '#!/bin/sh\nenv >%s/hook.env\n' "$PWD" >mirror.git/hooks/post-receive
chmod +x mirror.git/hooks/post-receive
github
result two
git -C web/o/r.git fetch -q "$results" "$commit:refs/heads/feature"
log | smelt-pr >out; own <out | tail -n 2
grep -c ghp_ hook.env
wrongs
>>>
{"v":1,"type":"branch.updated","new":"{commit}","ref":"refs/heads/feature","url":"{T}/mirror.git"}
{"v":1,"type":"pull_request.opened","base":"main","draft":false,"forge":"github","head":"feature","number":1,"url":"http://127.0.0.1/o/r/pull/1"}
0

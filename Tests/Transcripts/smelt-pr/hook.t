# The repository's hooks are the user's and may refuse; ours and the pusher's do not run.
. "$TOP/Tests/Transcripts/result.sh"
result two
git config --global core.hooksPath "$PWD/hooks"
mkdir hooks
printf '#!/bin/sh\ntouch %s/ran\n' "$PWD" >hooks/pre-push
printf '#!/bin/sh\necho not on Fridays >&2\nexit 1\n' >repo/.git/hooks/pre-receive
chmod +x hooks/pre-push repo/.git/hooks/pre-receive
git -C repo config core.hooksPath "$repo/.git/hooks"
log | { smelt-pr >out; echo $?; }
[ ! -e ran ]
>>>
77
>>>2
smelt-pr: could not move branch 'feature' in '{T}/repo': pre-receive hook declined

# The result as mails and as a bundle; where it has merges it is one mail.
. "$TOP/Tests/Transcripts/smelt-collect/sessions.sh"
session a succeeded 'echo four >>file; git commit -qam first; echo a >a'
log | smelt-collect --patch a.mbox --bundle a.bundle >out
grep '^Subject' a.mbox
git -C agent checkout -q "$base" && git -C agent am -q ../a.mbox && git -C agent rev-parse 'HEAD^{tree}'
git -C agent rev-parse "$tip^{tree}"
git bundle list-heads a.bundle
session b succeeded 'sed -i 1s/one/eins/ file'
log | smelt-collect --patch b.mbox | own | grep -o '"sessions":[^]]*]'
grep '^Subject' b.mbox
git -C agent checkout -q "$base" && git -C agent am -q ../b.mbox && cat agent/file
>>>
Subject: [PATCH 1/2] first
Subject: [PATCH 2/2] work of a
{commit}
{commit}
{commit} refs/heads/feature
"sessions":["a","b"]
Subject: [PATCH] Merge session 'b' of 'demo'
eins
two
three
four

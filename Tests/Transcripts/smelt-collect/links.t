# Links that lead out of the tree are refused.
. "$TOP/Tests/Transcripts/smelt-collect/sessions.sh"
session work succeeded 'ln -s ../../etc/passwd x'
log | smelt-collect >out; echo $?
refs
>>>
77
refs/smelt/runs/{id}/work
>>>2
smelt-collect: refused the link 'x': its target '../../etc/passwd' leaves the repository
---
# Submodules are refused.
. "$TOP/Tests/Transcripts/smelt-collect/sessions.sh"
session work succeeded 'git update-index --add --cacheinfo 160000,$base,sub; git commit -qm sub; mkdir sub'
log | smelt-collect >out; echo $?
>>>
77
>>>2
smelt-collect: refused a change of the submodule 'sub'

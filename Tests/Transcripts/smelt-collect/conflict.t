# A conflict leaves what could be merged and names session and files.
. "$TOP/Tests/Transcripts/smelt-collect/sessions.sh"
session a succeeded 'echo a >file'
session b succeeded 'echo b >file; echo b >b'
session c succeeded 'echo c >c'
log | smelt-collect | own
>>>
{"v":1,"type":"failed","code":"conflict","hint":"order the sessions with depends_on, or give each its own files","message":"could not merge session 'b': it conflicts in 'file'","session":"b","stage":"collect","status":1}
{"v":1,"type":"result.collected","base":"{commit}","branch":"feature","bundlePath":"{any}","bundleSha256":"{any}","commit":"{commit}","commits":3,"conflicts":[{"files":["file"],"session":"b"}],"deletions":3,"draft":true,"files":2,"filesPath":"{any}","filesSha256":"{any}","insertions":2,"review":"none","sessions":["a","c"],"warnings":["could not merge session 'b': it conflicts in 'file'"]}
>>>2
smelt-collect: session 'b': could not merge session 'b': it conflicts in 'file'; order the sessions with depends_on, or give each its own files
---
# An octopus is all or nothing.
. "$TOP/Tests/Transcripts/smelt-collect/sessions.sh"
strategy=octopus
session a succeeded 'echo a >file'
session b succeeded 'echo b >file'
log | smelt-collect >out; echo $?
own <out
refs
>>>
1
{"v":1,"type":"failed","code":"conflict","hint":"order the sessions with depends_on, or give each its own files","message":"could not merge session 'b': it conflicts in 'file'","stage":"collect","status":1}
refs/smelt/runs/{id}/a
refs/smelt/runs/{id}/b
>>>2
smelt-collect: could not merge session 'b': it conflicts in 'file'; order the sessions with depends_on, or give each its own files

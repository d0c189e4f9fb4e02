# A credential in the result is refused, though it was taken out again; the session's work stays.
. "$TOP/Tests/Transcripts/smelt-collect/sessions.sh"
credentials=API_KEY
session work succeeded 'echo key=$(printf %s hunter2-hunter2 | base64) >x; git add x; git commit -qm x; git rm -q x; echo y >y'
log | API_KEY=hunter2-hunter2 smelt-collect >out; echo $?
own <out
refs
>>>
77
{"v":1,"type":"failed","code":"secret","hint":"revoke it: the session has read it and written it down","message":"the value of 'API_KEY' stands in the file 'x', object {any}","stage":"collect","status":77}
refs/smelt/runs/{id}/work
>>>2
smelt-collect: the value of 'API_KEY' stands in the file 'x', object {any}; revoke it: the session has read it and written it down

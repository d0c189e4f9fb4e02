# A session says that it has work, and there is none.
. "$TOP/Tests/Transcripts/smelt-collect/sessions.sh"
session work succeeded 'echo new >new'
rm "$environment/work.bundle"
log | smelt-collect | own
>>>
{"v":1,"type":"failed","code":"no_work","message":"the work of session 'work' is not there: neither its bundle nor its reference","stage":"collect","status":66}
>>>2
smelt-collect: the work of session 'work' is not there: neither its bundle nor its reference

# Sessions that change nothing: the result is the base, and there are no files.
. "$TOP/Tests/Transcripts/smelt-collect/sessions.sh"
session work succeeded true
log | smelt-collect --patch mails | own
wc -c <mails
ls .smelt 2>&1
>>>
{"v":1,"type":"result.collected","base":"{commit}","branch":"feature","commit":"{commit}","commits":0,"deletions":0,"draft":false,"files":0,"insertions":0,"review":"none","sessions":[]}
0
ls: cannot access '.smelt': No such file or directory
>>>= 2

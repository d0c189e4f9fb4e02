# Where the work of a session is missing, what there is is not whole.
. "$TOP/Tests/Transcripts/smelt-collect/sessions.sh"
session good succeeded 'echo a >a'
session bad failed 'echo b >b'
log | smelt-collect | own | grep -oE '"(draft|sessions)":[^,]*'
>>>
"draft":true
"sessions":["good"]
---
. "$TOP/Tests/Transcripts/smelt-collect/sessions.sh"
session good succeeded 'echo a >a'
log | smelt-collect | own | grep -o '"draft":[a-z]*'
>>>
"draft":false

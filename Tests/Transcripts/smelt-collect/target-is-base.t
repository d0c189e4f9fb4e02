# A target that the sessions started from is not moved: the result gets a branch of the job's.
. "$TOP/Tests/Transcripts/smelt-collect/sessions.sh"
target=refs/heads/main name='a job'
session work succeeded 'echo new >new'
log | smelt-collect | own | grep -o '"branch":"[^"]*"'
>>>
"branch":"smelt/a%20job"

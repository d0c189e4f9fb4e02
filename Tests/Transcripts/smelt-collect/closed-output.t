# Nobody listens any more: what was fetched is finished, the status is 141.
. "$TOP/Tests/Transcripts/smelt-collect/sessions.sh"
session work succeeded 'echo new >new'
mkfifo pipe
log >run.jsonl
{ smelt-collect <run.jsonl >pipe; echo $? >status; } &
: <pipe
wait
cat status
refs
>>>
141
refs/smelt/results/{id}
refs/smelt/runs/{id}/work

# A recorded log gives the same result again, though the environment is gone.
. "$TOP/Tests/Transcripts/smelt-collect/sessions.sh"
session a succeeded 'echo a >a'
session b succeeded 'echo b >b'
log >run.jsonl
smelt-collect <run.jsonl | own >one
rm -r "$environment"
smelt-collect <run.jsonl | own >two
cmp one two && wc -l <two
>>>
1

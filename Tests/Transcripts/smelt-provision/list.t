# A table for people, records for programs.
. "$TOP/Tests/Transcripts/environment.sh"
planned | smelt-provision >out
smelt-provision list --human | sed 's/[0-9.]*s  /1s  /'
smelt-provision list | jq -c 'del(.v, .time, .run, .created, .hostUser)'
smelt-provision list --json --human
>>>
RUN                         JOB   STATE  AGE   BASE        SESSIONS
01k00000000000000000000000  demo  left   1s  {any}
{"type":"environment.listed","baseCommit":"{commit}","directory":"{T}/.state/environments/smelt-01k00000000000000000000000","id":"smelt-01k00000000000000000000000","job":"demo","repository":"{T}/repo","sessions":[],"state":"left"}
>>>2
smelt-provision: --json and --human exclude each other
usage: smelt-provision list [--json] [--human]
>>>= 64

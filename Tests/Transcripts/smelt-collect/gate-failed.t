# Work whose gate failed is in the result, as a draft; with include_failed = false it is only kept, and
# the rest is a draft all the same.
. "$TOP/Tests/Transcripts/smelt-collect/sessions.sh"
session a succeeded 'echo a >a'
session b gate_failed 'echo b >b'
session c timed_out 'echo c >c'
log | smelt-collect | own | grep -o '"draft".*'
failed_too=false
log | smelt-collect | own | grep -o '"draft".*'
refs
>>>
"draft":true,"files":2,"filesPath":"{any}","filesSha256":"{any}","insertions":2,"review":"none","sessions":["a","b"],"warnings":["session 'b': its gate failed","session 'c': ended timed_out, its work is not in the result but kept as refs/smelt/runs/{id}/c"]}
"draft":true,"files":1,"filesPath":"{any}","filesSha256":"{any}","insertions":1,"review":"none","sessions":["a"],"warnings":["session 'b': its gate failed","session 'b': ended gate_failed, its work is not in the result but kept as refs/smelt/runs/{id}/b","session 'c': ended timed_out, its work is not in the result but kept as refs/smelt/runs/{id}/c"]}
refs/smelt/results/{id}
refs/smelt/runs/{id}/a
refs/smelt/runs/{id}/b
refs/smelt/runs/{id}/c

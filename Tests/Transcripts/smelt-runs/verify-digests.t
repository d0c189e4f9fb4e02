# The files that a result names are what was collected.
echo list >list.jsonl; sum=$(sha256sum list.jsonl | cut -d ' ' -f 1)
result='{"v":1,"type":"result.collected","time":"2026-01-01T00:00:02.000Z","run":"01k0000000000000000000000a","base":"a","branch":"b","commit":"c","commits":1,"deletions":0,"draft":false,"files":1,"filesPath":"'$PWD/list.jsonl'","filesSha256":"'$sum'","insertions":1,"review":"none","sessions":["one"]}'
("$TOP/Tests/Transcripts/smelt-runs/given"; echo "$result") | smelt-runs record >/dev/null
smelt-runs verify hello && echo good
echo more >>list.jsonl; smelt-runs verify hello; rm list.jsonl; smelt-runs verify hello
>>>
good
>>>2
{T}/.smelt/runs/hello/01k0000000000000000000000a.jsonl:10: '{T}/list.jsonl' is not what was collected: its digest differs
{T}/.smelt/runs/hello/01k0000000000000000000000a.jsonl:10: could not open '{T}/list.jsonl': No such file or directory
>>>= 65

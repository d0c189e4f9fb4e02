# One session's branch is the result as it is: no merge commit, a list of files, a bundle.
. "$TOP/Tests/Transcripts/smelt-collect/sessions.sh"
session work succeeded 'echo four >>file; echo new >new; printf "a\0b" >bin; chmod +x new'
log | smelt-collect | own >out
cat out
git -C "$results" rev-parse "refs/smelt/results/$run" | grep -cx "$tip"
cat ".smelt/runs/demo/$run.files.jsonl"
for file in files.jsonl bundle; do
    grep -c "Sha256\":\"$(sha256sum <".smelt/runs/demo/$run.$file" | cut -c 1-64)" out
done
git -C agent fetch -q "../.smelt/runs/demo/$run.bundle" feature && git -C agent rev-parse FETCH_HEAD | grep -cx "$tip"
ls -A "$results/incoming"
>>>
{"v":1,"type":"result.collected","base":"{commit}","branch":"feature","bundlePath":"{T}/.smelt/runs/demo/{id}.bundle","bundleSha256":"{any}","commit":"{commit}","commits":1,"deletions":0,"draft":false,"files":3,"filesPath":"{T}/.smelt/runs/demo/{id}.files.jsonl","filesSha256":"{any}","insertions":2,"review":"none","sessions":["work"],"warnings":["binary file 'bin' of 3 bytes is new","'new' is now executable"]}
1
{"mode":"100644","newBlob":"{commit}","path":"bin","sizeBytes":3,"status":"A"}
{"deletions":0,"insertions":1,"mode":"100644","newBlob":"{commit}","oldBlob":"{commit}","oldMode":"100644","path":"file","sizeBytes":19,"status":"M"}
{"deletions":0,"insertions":1,"mode":"100755","newBlob":"{commit}","path":"new","sizeBytes":4,"status":"A"}
1
1
1

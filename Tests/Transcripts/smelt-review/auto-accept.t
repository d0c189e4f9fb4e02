# A rule of the manifest's answers where it holds; --always asks a person all the same.
. "$TOP/Tests/Transcripts/result.sh"
result two
review=required job_review=true expires=0.1
rule() { log | sed 's|"expiresSeconds":0.1|&,"autoAccept":['"$1"']|;s|"review":"required"|&,"reviewReasons":["the manifest asks for a review of every result"]|'; }
gate() { record gate.finished '"session":"work","command":"true","ok":'$1',"status":0,"seconds":1'; }
docs='{"paths":["docs/**"],"gates":false}'
rule $docs,'{"paths":["fil*"],"mostFiles":1,"mostLines":2,"gates":false}' | smelt-review | own
for other in $docs '{"paths":["**"],"mostLines":1,"gates":false}' '{"paths":["**"],"mostFiles":0,"gates":false}' '{"paths":["**"],"gates":true}'; do
    rule $other | smelt-review 2>complaint | own | grep -o '"decision":"[a-z]*"'
done
{ gate true; rule '{"paths":["**"],"gates":true}'; } | sed '1{h;d};2G' | smelt-review | own
rule '{"paths":["**"],"gates":false}' | smelt-review --always 2>complaint | own | grep -o '"decision":"[a-z]*"'
>>>
{"v":1,"type":"review.decided","actor":"auto_accept[1]","commit":"{commit}","decision":"approved","note":"1 file and 2 lines within its paths"}
"decision":"expired"
"decision":"expired"
"decision":"expired"
"decision":"expired"
{"v":1,"type":"review.decided","actor":"auto_accept[0]","commit":"{commit}","decision":"approved","note":"1 file and 2 lines within its paths"}
"decision":"expired"

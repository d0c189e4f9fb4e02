# A rule waits for the rest of the input: what a person has said in it comes first, however the input is cut.
. "$TOP/Tests/Transcripts/result.sh"
result two
review=required job_review=true
rule() { log | sed 's|"expiresSeconds":86400|&,"autoAccept":[{"paths":["**"],"gates":false}]|;s|"review":"required"|&,"reviewReasons":["the manifest asks for a review of every result"]|'; }
mkfifo in out
smelt-review <in >out 2>complaint &
exec 3>in 4<out
rule >&3
read -r line <&4; read -r line <&4
decided denied >&3
exec 3>&-
cat <&4 | own
wait $!; echo $?
# One that was given before anybody asked, too.
smelt-review deny $run >decision
rule | smelt-review 2>complaint | own | grep -o '"decision":"[a-z]*"'
>>>
{"v":1,"type":"review.decided","decision":"denied","commit":"{commit}","actor":"uid:0"}
{"v":1,"type":"failed","code":"review_denied","message":"the review was denied by uid:0","stage":"review","status":77}
77
"decision":"denied"

# gc leaves an environment alone for as long as a stage of its run lives, and so does the next run.
. "$TOP/Tests/Transcripts/environment.sh"
mkfifo later
smelt-provision release <later >out &
exec 3>later
planned | smelt-provision >first
head -n 2 first >&3
until smelt-provision list | grep -q '"state":"held"'; do :; done
smelt-provision gc
id=01k00000000000000000000001 planned | smelt-provision >second
smelt-provision list | jq -r '.id + " " + .state'
exec 3>&-
wait
tail -n 1 out | jq -r .removed
>>>
smelt-01k00000000000000000000000 held
smelt-01k00000000000000000000001 left
true

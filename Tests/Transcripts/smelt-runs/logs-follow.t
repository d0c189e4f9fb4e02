# logs -f goes on while the run does, and ends with it.
given=$TOP/Tests/Transcripts/smelt-runs/given
mkfifo in out
smelt-runs record <in >out & exec 3>in 4<out
"$given" '5,$d' >&3; head -n 4 <&4 >/dev/null
smelt-runs logs -f hello >printed 3>&- 4<&- & follower=$!
until [ -s printed ]; do :; done; cat printed
"$given" '1,4d' >&3; exec 3>&-; cat <&4 >/dev/null
wait $follower; echo "status $?"; cat printed
>>>
hi from one
status 0
hi from one
hi from two

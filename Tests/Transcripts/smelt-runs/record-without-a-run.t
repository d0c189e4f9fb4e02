# Without 'run.planned' there is nowhere to keep a log; the status is right all the same.
smelt-runs record; echo "status $?"; ls -A
echo '{"v":1,"type":"failed","code":"invalid","message":"no","stage":"manifest","status":65}' |
    smelt-runs record; echo "status $?"
>>>
{"v":1,"type":"failed","time":"{time}","run":"00000000000000000000000000","code":"cut_off","message":"the input ended before 'sessions.finished' came","stage":"runs","status":65}
{"v":1,"type":"run.finished","time":"{time}","run":"00000000000000000000000000","seconds":0,"status":65}
status 65
.gitconfig
{"v":1,"type":"failed","code":"invalid","message":"no","stage":"manifest","status":65}
{"v":1,"type":"run.finished","time":"{time}","run":"00000000000000000000000000","seconds":0,"status":65}
status 65
>>>2
smelt-runs: the input ended before 'sessions.finished' came

# A signal abandons the work in hand; the input is passed on to its end.
. "$TOP/Tests/Transcripts/smelt-collect/sessions.sh"
session work succeeded 'echo new >new'
mkdir shim
printf '#!/bin/sh\ncase "$*" in *index-pack*) kill -TERM $PPID; exec sleep 60 ;; esac\nexec /usr/bin/git "$@"\n' >shim/git
chmod +x shim/git
{ log; echo '{"type":"more"}'; } | PATH=$PWD/shim:$PATH smelt-collect >out; echo $?
own <out
tail -1 out
refs
ls "$results/incoming"
>>>
143
{"v":1,"type":"failed","code":"cancelled","message":"cancelled","stage":"collect","status":143}
{"type":"more"}
>>>2
smelt-collect: cancelled

# Records go to a descriptor or a file of the caller's choice; the last one also to the report.
smelt-exec --events 3 --report report -- sh -c 'echo out; exit 4' 3>events; cat events; tail -n 1 events | cmp - report
>>>
out
{"v":1,"type":"session.started","time":"{time}","run":"{id}","attempt":1,"session":"sh","workspace":"/home/smelt"}
{"v":1,"type":"session.finished","time":"{time}","run":"{id}","attempt":1,"ending":"failed","exitStatus":4,"session":"sh","usage":{any}}
---
SMELT_RUN=01hzy3v7k8m9n0p1q2r3s4t5v6 smelt-exec --events ./log --timeout 100ms -- tail -f /dev/null; echo $?; cat log
>>>
124
{"v":1,"type":"session.started","time":"{time}","run":"01hzy3v7k8m9n0p1q2r3s4t5v6","attempt":1,"session":"tail","workspace":"/home/smelt"}
{"v":1,"type":"denied","time":"{time}","run":"01hzy3v7k8m9n0p1q2r3s4t5v6","count":1,"mechanism":"limit","reason":"the limit wall is 0.1s","session":"tail","what":"more time"}
{"v":1,"type":"session.finished","time":"{time}","run":"01hzy3v7k8m9n0p1q2r3s4t5v6","attempt":1,"ending":"timed_out","reason":"wall","session":"tail",{any}}
>>>2
smelt-exec: refused once: more time, the limit wall is 0.1s
---
# Failures of ours are in the report, too.
smelt-exec --limit io_weight=9 --report report -- true; echo $?; cat report
>>>
125
{"v":1,"type":"failed","time":"{time}","run":"{id}","code":"not_enforceable","hint":"{any}","message":"could not enforce the limits 'io_weight' here: {any}","session":"true","stage":"exec","status":69}
>>>2
smelt-exec: could not enforce the limits 'io_weight' here: {any} (not_enforceable, 69)
---
smelt-exec --limit io_weight=9 --best-effort --report report -- true; cat report
>>>
{"v":1,"type":"session.finished","time":"{time}","run":"{id}","attempt":1,"ending":"succeeded","exitStatus":0,"reason":"not enforced: io_weight","session":"true","usage":{any}}
>>>2
smelt-exec: going on although these limits are not enforced for the whole: 'io_weight': {any}
---
smelt-exec --events 77 -- true
>>>2
smelt-exec: could not use descriptor '77': it is not open (refused, 77)
>>>= 125
---
# One that is not open stays so: no descriptor of smelt-exec's own passes for it.
for number in 3 4 5; do smelt-exec --events $number -- true; smelt-exec --plan $number; done
>>>2
smelt-exec: could not use descriptor '3': it is not open (refused, 77)
smelt-exec: could not use descriptor '3': it is not open (refused, 77)
smelt-exec: could not use descriptor '4': it is not open (refused, 77)
smelt-exec: could not use descriptor '4': it is not open (refused, 77)
smelt-exec: could not use descriptor '5': it is not open (refused, 77)
smelt-exec: could not use descriptor '5': it is not open (refused, 77)
>>>= 125
---
# Only a plain file is replaced: root's report must not become /dev/stdout.
ln -s report link && mkfifo pipe
for file in link pipe .; do smelt-exec --report $file -- true || echo $?; done
test -L link && test -p pipe && echo 'both are there'
>>>
125
125
125
both are there
>>>2
smelt-exec: could not replace 'link' by the report: it is no plain file; --events writes to what is there (refused, 77)
smelt-exec: could not replace 'pipe' by the report: it is no plain file; --events writes to what is there (refused, 77)
smelt-exec: could not replace '.' by the report: it is no plain file; --events writes to what is there (refused, 77)

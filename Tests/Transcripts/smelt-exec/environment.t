# Nothing of the caller's environment comes along but how to talk and where programs are.
SECRET=1 TERM=dumb PATH=/usr/bin:/bin:$BIN smelt-exec -- env | sort
>>>
HOME=/home/smelt
LANG=C.UTF-8
LC_ALL=C.UTF-8
LOGNAME=smelt
PATH=/usr/bin:/bin:{any}
SHELL=/bin/sh
TERM=dumb
TMPDIR=/tmp
TZ=UTC
USER=smelt
---
SECRET=1 smelt-exec --clear-env --env SECRET --env 'A=b=c' -- /usr/bin/env | sort
>>>
A=b=c
SECRET=1
---
smelt-exec --env NO_SUCH_VARIABLE -- true 2>&1 | head -n 1
>>>
smelt-exec: --env NO_SUCH_VARIABLE: there is no such variable to hand on (usage, 64)

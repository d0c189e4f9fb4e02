# A queue whose file is gone while its log of writes is there is not begun anew over that log; a restore keeps the log.
a=$(smelt-queue add -- a)
smelt-queue backup copy
smelt-queue add -- b >/dev/null
rm .state/smelt.db
smelt-queue add -- c; echo $?
smelt-queue restore copy
smelt-queue list --human | cut -c 29-
smelt-queue verify
ls -A .state | grep -c 'old-wal$'
>>>
74
STATE   GROUP    ATTEMPT  NAME
queued  default  0        a
1
>>>2
smelt-queue: could not make '{T}/.state/smelt.db': what one that is gone had not taken in is there, '{T}/.state/smelt.db-wal'; restore a backup, which keeps it, or move it away
smelt-queue: what was there is '{T}/.state/smelt.db.{any}.old-wal' now
smelt-queue: which jobs that has could not be read

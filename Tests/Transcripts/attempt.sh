# For tests of a run of the queue's daemon, to be sourced behind result.sh: a job whose first attempt runs, in the variables that
# the daemon sets. `lost_by REPOSITORY`: its lease is gone as soon as something was pushed there.

SMELT_QUEUE=$SMELT_STATE_DIR/smelt.db SMELT_ATTEMPT=1 SMELT_JOB=$(smelt-queue add -- true)
export SMELT_QUEUE SMELT_ATTEMPT SMELT_JOB
cat >store <<END
#!/usr/bin/env python3
import sqlite3
sqlite3.connect("$SMELT_QUEUE", isolation_level=None, timeout=60).execute("UPDATE jobs SET owner = 'somebody', state = 4, attempt = attempt + 1")
END
chmod +x store
# What was added is in the store once somebody has looked there.
smelt-queue list >list
./store

lost_by() {
    cp store "$1/hooks/post-receive"
}

# Without a worker nothing is carried anywhere.
smelt-queue carry --probe
>>>2
smelt-queue: SMELT_WORKER names no worker: set it to an object such as {"host":"builder"}
>>>= 64
---
SMELT_WORKER='{"user":"me"}' smelt-queue carry --probe
>>>2
smelt-queue: SMELT_WORKER is no JSON object with a 'host'
>>>= 64
---
# The far end speaks frames, and says nothing to who does not.
echo hello | smelt-queue work
>>>= 0
---
SMELT_WORKER='{"host":"builder"}' smelt-run --keep job.toml
>>>2
smelt-run: --keep is for this machine, not for a worker
usage: smelt run [--dry-run] [--no-pr] [--keep] [--run RUN] FILE
       smelt run --resume [--no-pr] FILE
>>>= 64

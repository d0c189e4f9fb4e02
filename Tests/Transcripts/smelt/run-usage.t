# run takes one manifest; what it does not know is wrong usage, and -- ends the options.
smelt run; echo "status $?"; smelt run --fast x.toml; echo "status $?"; smelt run a b; echo "status $?"; smelt run --run= x.toml; echo "status $?"
>>>
status 64
status 64
status 64
status 64
>>>2
smelt-run: name one manifest
usage: smelt run [--dry-run] [--no-pr] [--keep] [--run RUN] FILE
       smelt run --resume [--no-pr] FILE
smelt-run: unknown option '--fast'
usage: smelt run [--dry-run] [--no-pr] [--keep] [--run RUN] FILE
       smelt run --resume [--no-pr] FILE
smelt-run: name one manifest
usage: smelt run [--dry-run] [--no-pr] [--keep] [--run RUN] FILE
       smelt run --resume [--no-pr] FILE
smelt-run: --run needs a run id
usage: smelt run [--dry-run] [--no-pr] [--keep] [--run RUN] FILE
       smelt run --resume [--no-pr] FILE
---
# The help has what the table has.
smelt run --help; smelt run --version | tr 0-9 x
>>>
usage: smelt run [--dry-run] [--no-pr] [--keep] [--run RUN] FILE
       smelt run --resume [--no-pr] FILE

runs a manifest, up to the pull request

  --dry-run   check the manifest and tell what would happen
  --no-pr     deliver the branch, open no pull request
  --keep      keep the environment
  --run RUN   use this run id instead of a new one
  --resume    go on with the log of a run: sessions that failed, review, delivery

The manual is smelt(1).
smelt-run x.x.x

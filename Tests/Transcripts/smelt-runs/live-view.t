# On a terminal the run is drawn, without colours where these are not wanted, and nothing of a
# session's reaches the terminal raw.
given=$TOP/Tests/Transcripts/smelt-runs/given
"$given" '/from one/s/hi/\\u001b[2J/' >in
NO_COLOR=1 script -qec 'smelt-runs record <in' /dev/null </dev/null | tr -d '\r' | sed 's/\x1b\[[0-9?]*[A-Zhl]//g' | tail -n 4
cut -d '"' -f 8 .smelt/runs/hello/*.jsonl | wc -l
>>>
hello 01k0000000000000000000000a  complete  {any}
  one  succeeded     1s        \u{1b}[2J from one
  two  succeeded     1s        hi from two
complete, status 0
10
---
# What the stages said on the way, and may have been drawn over, is said again at the end.
given=$TOP/Tests/Transcripts/smelt-runs/given
"$given" '/environment.ready/s/"workspace"/"warnings":["1 uncommitted \\u001b[31m change"],&/
/"session":"one"/s/"ending":"succeeded"/"ending":"failed"/' >in
cat >>in <<END
{"v":1,"type":"environment.released","time":"2026-01-01T00:00:01.400Z","run":"01k0000000000000000000000a","id":"e","removed":true,"rescued":["refs/smelt/rescued/01k0000000000000000000000a/one"]}
END
NO_COLOR=1 script -qec 'smelt-runs record <in' /dev/null </dev/null | tr -d '\r' | sed 's/\x1b\[[0-9?]*[A-Zhl]//g' | tail -n 4
>>>
warning: 1 uncommitted \u{1b}[31m change
work that is in no result is kept: smelt-runs rescue 01k0000000000000000000000a lists it
log: {any}/.smelt/runs/hello/01k0000000000000000000000a.jsonl
failed, status 1
---
# Who looks at a run that waits for an answer is told how to give it.
given=$TOP/Tests/Transcripts/smelt-runs/given
mkfifo in screen; NO_COLOR=1 script -qfc 'smelt-runs record <in' /dev/null </dev/null >screen & exec 8<screen 9>in
"$given" | sed '/result.collected/q' >&9
cat >&9 <<END
{"v":1,"type":"review.requested","time":"2026-01-01T00:00:01.000Z","run":"01k0000000000000000000000a","commit":"c","expires":"2026-01-02T00:00:00.000Z","summary":"s","title":"t"}
END
plain() { IFS= read -r line <&8; printf '%s\n' "$line" | tr -d '\r' | sed 's/\x1b\[[0-9?]*[A-Zhl]//g'; }
until plain | grep reviewing; do :; done; plain; plain
exec 9>&-; cat <&8 >rest; wait
>>>
hello 01k0000000000000000000000a  reviewing  {any}
  waits for a yes or no until 2026-01-02T00:00:00.000Z: look at it with
  smelt-review show 01k0000000000000000000000a, then smelt-review approve or deny it

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

# Tasks that are too long together stay files too, so that the record fits into a line.
head -c 60000 /dev/zero | tr '\0' '"' > long
{ cat "$TOP/Tests/Transcripts/smelt-manifest/job.toml"; for n in 1 2 3 4 5 6 7 8 9 10; do
    printf "[[session]]\nname = 's%s'\nspec = '%s'\nharness = 'x'\ntimeout = 1\n" $n "$(cat long)"
done; } > job.toml
smelt-manifest plan job.toml > plan; wc -l < plan; [ "$(wc -c < plan)" -le 1048576 ] && ls .smelt/runs/hello | wc -l
>>>
1
10

# The number in run.finished is also the command's own.
"$TOP/Tests/Transcripts/smelt-runs/given" 's/succeeded","exit/gate_failed","exit/' | smelt-runs record >out
>>>= 2

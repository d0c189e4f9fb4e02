# Nobody reads: 141, as for every writer in a pipe.
mkfifo f; exec 3<> f 4> f 3>&-; smelt-manifest plan "$TOP/Tests/Transcripts/smelt-manifest/job.toml" >&4
>>>= 141
---
# A full disk is said, with 74.
smelt-manifest plan "$TOP/Tests/Transcripts/smelt-manifest/job.toml" > /dev/full
>>>2
smelt-manifest: could not write 'standard output': No space left on device
>>>= 74

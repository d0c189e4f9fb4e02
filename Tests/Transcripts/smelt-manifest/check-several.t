# All files are looked at; the first bad one decides the status.
cp "$TOP/Tests/Transcripts/smelt-manifest/job.toml" good.toml; echo 'x =' > bad.toml; smelt-manifest check good.toml bad.toml nowhere.toml
>>>2
bad.toml:1:4: could not read key-value pair: expected value, saw '\n'
smelt-manifest: could not open 'nowhere.toml': No such file or directory
>>>= 65

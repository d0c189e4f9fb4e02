# A job's name that is no file name, and a relative place, get no log; the records pass.
given=$TOP/Tests/Transcripts/smelt-runs/given
"$given" 's/"name":"hello"/"name":"..\/hello"/' | smelt-runs record | tail -n 1; ls -A
"$given" 's|"runsDirectory":"[^"]*"|"runsDirectory":"runs"|' | smelt-runs record | tail -n 1; ls -A
>>>
{"v":1,"type":"run.finished","time":"{time}","run":"01k0000000000000000000000a","seconds":{any},"status":65}
.gitconfig
{"v":1,"type":"run.finished","time":"{time}","run":"01k0000000000000000000000a","seconds":{any},"status":65}
.gitconfig
>>>2
smelt-runs: could not keep a log of job '../hello': its name is no file name
smelt-runs: could not keep a log in 'runs': 'runsDirectory' must be absolute

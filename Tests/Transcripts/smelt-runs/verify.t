# verify is silent about a good log and says of each bad line what is wrong.
given=$TOP/Tests/Transcripts/smelt-runs/given
"$given" | smelt-runs record >good.jsonl
smelt-runs verify hello ./good.jsonl && echo good
try() { sed "$1" good.jsonl >bad.jsonl; smelt-runs verify ./bad.jsonl; }
try '4s/"offsetBytes":0/"offsetBytes":9/'
try '2s/^{"v":1,"type":"environment.ready"/{"type":"environment.ready","v":1/'
try '1p'; try 3d; try '$d'; try '$s/"status":0/"status":1/'; try '5s/a","attempt/b","attempt/'
try '8s/2/3/;8s/"succeeded":3/"succeeded":3/'; try '6s/.*/nonsense/;7d;8d'
head -n 5 good.jsonl | head -c -9 >cut.jsonl; smelt-runs verify ./cut.jsonl; echo $?
smelt-runs verify --unfinished ./cut.jsonl; echo $?
>>>
good
65
0
>>>2
./bad.jsonl:4: session 'one' prints at offset 9 of stdout, not at 0
./bad.jsonl:2: the head is not v, type, time, run
*
./cut.jsonl:5: the line is cut off
./cut.jsonl:5: session 'one' has no end
./cut.jsonl:5: the log does not end with 'run.finished'

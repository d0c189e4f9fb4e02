# logs prints what was printed, byte for byte; sessions and streams can be told apart.
"$TOP/Tests/Transcripts/smelt-runs/given" '/from two/s/stdout/stderr/;/from one/s|"text":"[^"]*"|"base64":"/wABCg=="|' | smelt-runs record >/dev/null
smelt-runs logs | od -c; smelt-runs logs hello --session two
smelt-runs logs --stream stderr 01k0000000000000000000000a; smelt-runs logs .smelt/runs/hello/01k0000000000000000000000a.jsonl | wc -c
>>>
0000000 377  \0 001  \n   h   i       f   r   o   m       t   w   o  \n
0000020
hi from two
hi from two
16

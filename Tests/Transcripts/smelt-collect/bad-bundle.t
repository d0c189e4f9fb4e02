# Of a refused bundle nothing stays.
. "$TOP/Tests/Transcripts/smelt-collect/sessions.sh"
session work succeeded 'echo new >new'
echo garbage >>"$environment/work.bundle"
log | smelt-collect >out; echo $?
own <out
refs
find "$results/incoming" "$results/objects" -type f | grep -v alternates
>>>
77
{"v":1,"type":"failed","code":"bad_bundle","message":"refused a bundle: {any}","stage":"collect","status":77}
>>>2
smelt-collect: refused a bundle: {any}
>>>= 1
---
# A commit that is not the one which the gate saw.
. "$TOP/Tests/Transcripts/smelt-collect/sessions.sh"
session work succeeded 'echo new >new'
git -C agent commit -q --amend -m other
git -C agent bundle create -q - "^$base" refs/heads/smelt/work >"$environment/work.bundle"
log | smelt-collect >out
>>>2
smelt-collect: refused a bundle: it brings commit '{commit}', but the session ended at '{commit}'
>>>= 77
---
# The bounds are options.
. "$TOP/Tests/Transcripts/smelt-collect/sessions.sh"
session work succeeded 'head -c 2000 /dev/zero >new; mkdir -p a/b/c; echo >a/b/c/d'
for option in --max-file=1999 --max-total=2K --max-paths=3 --max-objects=4 --max-path=6 --max-depth=3; do
    log | smelt-collect $option >out; echo $?
done
log | smelt-collect --max-file=2000 --max-total=1M --max-paths=5 --max-objects=7 --max-path=7 --max-depth=4 >out; echo $?
>>>
77
77
77
77
77
77
0
>>>2
smelt-collect: refused a bundle: a blob of 2000 bytes is more than 1999; the bounds are options of smelt-collect; smelt-collect(1) lists them
smelt-collect: refused a bundle: what it unpacks to, {any} bytes, is more than 2048; the bounds are options of smelt-collect; smelt-collect(1) lists them
smelt-collect: refused a bundle: changed paths: 4 is more than 3; the bounds are options of smelt-collect; smelt-collect(1) lists them
smelt-collect: refused a bundle: objects 7 is more than 4; the bounds are options of smelt-collect; smelt-collect(1) lists them
smelt-collect: refused a bundle: a path of 7 bytes is more than 6; the bounds are options of smelt-collect; smelt-collect(1) lists them
smelt-collect: refused a bundle: a directory's depth of 4 is more than 3; the bounds are options of smelt-collect; smelt-collect(1) lists them

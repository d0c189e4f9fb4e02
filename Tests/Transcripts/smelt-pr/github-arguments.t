# Anybody on the machine may read the arguments of programs; the token is in none of them.
. "$TOP/Tests/Transcripts/result.sh"
. "$TOP/Tests/Transcripts/github.sh"
labels='"smelt"'
github
result two
mkdir bin
cat >bin/git <<END
#!/bin/sh
printf '%s\n' "\$@" >>"$PWD/out.arguments"
exec "$(command -v git)" "\$@"
END
chmod +x bin/git
log | PATH=$PWD/bin:$PATH smelt-pr >out; own <out | tail -n 1
grep -c '^push$' out.arguments
wrongs
>>>
{"v":1,"type":"pull_request.opened","base":"main","draft":false,"forge":"github","head":"feature","number":1,"url":"http://127.0.0.1/o/r/pull/1"}
2

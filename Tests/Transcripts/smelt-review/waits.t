# It waits for the answer, shows what it is about, and passes other records on meanwhile.
. "$TOP/Tests/Transcripts/result.sh"
result two
review=required
warnings='["a \u001b[31mred\u202e warning"]'
mkfifo in out
smelt-review <in >out &
exec 8>in 9<out
log >&8
read -r line <&9; read -r line <&9; read -r line <&9
echo "$line" | own
record environment.released '"id":"x","removed":true,"rescued":[]' >&8
read -r line <&9
echo "$line" | own
smelt-review list | own
smelt-review show $run
smelt-review approve $run >answer
read -r line <&9
echo "$line" | own
exec 8>&-
wait $!
cat <&9
smelt-review list
>>>
{"v":1,"type":"review.requested","commit":"{commit}","expires":"{time}","summary":"1 commit in 1 file, +1 -1","title":"demo: feature"}
{"v":1,"type":"environment.released","id":"x","removed":true,"rescued":[]}
{"v":1,"type":"review.requested","commit":"{commit}","expires":"{time}","summary":"1 commit in 1 file, +1 -1","title":"demo: feature"}
run      01k00000000000000000000000
title    demo: feature
branch   feature
commit   {commit}
base     {commit}
summary  1 commit in 1 file, +1 -1
expires  {time}
warning  a \u{1b}[31mred\u{202e} warning

 file | 2 +-
 1 file changed, 1 insertion(+), 1 deletion(-)

diff --git a/file b/file
index 5626abf..f719efd 100644
--- a/file
+++ b/file
@@ -1 +1 @@
-one
+two
{"v":1,"type":"review.decided","actor":"uid:{any}","commit":"{commit}","decision":"approved"}

# After somebody's failure nothing is delivered, and the failure is theirs. One session's failure, and
# our own in a recorded log, do not count.
. "$TOP/Tests/Transcripts/result.sh"
result two
{ log; record failed '"stage":"provision","code":"io","status":74,"message":"x"'; } >in
smelt-pr <in >out && cmp in out
git -C repo branch --list feature
{ log; record failed '"stage":"exec","code":"io","status":74,"message":"x","session":"work"'
  record failed '"stage":"pr","code":"io","status":74,"message":"x"'; } | smelt-pr >out
git -C repo branch --list feature
>>>
  feature

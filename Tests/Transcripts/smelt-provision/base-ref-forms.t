# A tag, an abbreviated commit and an expression name a base too.
. "$TOP/Tests/Transcripts/environment.sh"
git -C repo tag -am v1 v1
git -C repo commit -q --allow-empty -m two
for ref in v1 "$(echo "$base" | cut -c 1-10)" main~1 refs/tags/v1; do
    planned repo "$ref" | smelt-provision >out
    [ "$(tail -n 1 out | jq -r .baseCommit)" = "$base" ] && echo same
done
>>>
same
same
same
same

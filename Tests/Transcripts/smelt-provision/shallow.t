# A shallow clone lacks the history that a result is built on.
. "$TOP/Tests/Transcripts/environment.sh"
git -C repo commit -q --allow-empty -m two
git clone -q --depth 1 "file://$PWD/repo" clone
planned clone | provision
git -C clone fetch -q --unshallow
planned clone | provision | head -n 1
>>>
status 66
{"type":"failed","code":"shallow_repository","hint":"complete it with: git -C '{T}/clone' fetch --unshallow","message":"could not use '{T}/clone': it is a shallow clone, so the history of the base is missing","stage":"provision","status":66}
status 0
>>>2
smelt-provision: could not use '{T}/clone': it is a shallow clone, so the history of the base is missing; complete it with: git -C '{T}/clone' fetch --unshallow

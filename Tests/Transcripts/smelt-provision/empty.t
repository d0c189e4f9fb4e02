# A repository without commits.
. "$TOP/Tests/Transcripts/environment.sh"
git init -q none
planned none | provision
>>>
status 66
{"type":"failed","code":"empty_repository","hint":"commit something first","message":"could not use '{T}/none': it has no commits yet","stage":"provision","status":66}
>>>2
smelt-provision: could not use '{T}/none': it has no commits yet; commit something first

# There is nothing at the path.
. "$TOP/Tests/Transcripts/environment.sh"
planned repo >plan
rm -rf repo
provision <plan
>>>
status 66
{"type":"failed","code":"no_repository","message":"could not find the repository '{T}/repo'","stage":"provision","status":66}
>>>2
smelt-provision: could not find the repository '{T}/repo'

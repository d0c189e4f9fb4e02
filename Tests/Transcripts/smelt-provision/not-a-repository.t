# A directory without a repository, nor any above it.
. "$TOP/Tests/Transcripts/environment.sh"
mkdir plain
export GIT_CEILING_DIRECTORIES="$PWD"
planned plain >plan
provision <plan
>>>
status 66
{"type":"failed","code":"not_a_repository","hint":"name a repository, or make one with 'git init'","message":"could not use '{T}/plain': it is not a git repository","stage":"provision","status":66}
>>>2
smelt-provision: could not use '{T}/plain': it is not a git repository; name a repository, or make one with 'git init'

# Somebody else's repository is refused, until the user trusts it.
. "$TOP/Tests/Transcripts/environment.sh"
export GIT_TEST_ASSUME_DIFFERENT_OWNER=1
planned | provision
git config --global --add safe.directory "$PWD/repo"
planned | provision | head -n 1
>>>
status 77
{"type":"failed","code":"foreign_repository","hint":"run as its owner, or trust it with: git config --global --add safe.directory '{T}/repo'","message":"could not use '{T}/repo': it belongs to somebody else","stage":"provision","status":77}
status 0
>>>2
smelt-provision: could not use '{T}/repo': it belongs to somebody else; run as its owner, or trust it with: git config --global --add safe.directory '{T}/repo'

# A base ref that is not there: what is spelled alike is named.
. "$TOP/Tests/Transcripts/environment.sh"
git -C repo branch develop
planned repo devlop | provision
>>>
status 66
{"type":"failed","code":"no_base_ref","hint":"did you mean 'develop'?","message":"could not find the base ref 'devlop' in '{T}/repo'","stage":"provision","status":66}
>>>2
smelt-provision: could not find the base ref 'devlop' in '{T}/repo'; did you mean 'develop'?

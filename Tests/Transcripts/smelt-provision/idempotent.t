# A recorded log, fed again, finds the environment that it made.
. "$TOP/Tests/Transcripts/environment.sh"
planned | smelt-provision >one
smelt-provision <one >two
jq -r .id two
git -C repo commit -q --allow-empty -m two
planned | smelt-provision 2>&1 >three
>>>
null
smelt-01k00000000000000000000000
smelt-01k00000000000000000000000
smelt-provision: could not use '{T}/.state/environments/smelt-01k00000000000000000000000': it was prepared for the same run from commit '{commit}'
>>>= 65

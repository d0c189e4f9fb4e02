# A bare repository is as good as any.
. "$TOP/Tests/Transcripts/environment.sh"
git clone -q --bare repo bare.git
planned bare.git | provision | head -n 1
>>>
status 0

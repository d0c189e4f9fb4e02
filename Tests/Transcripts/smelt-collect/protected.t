# What runs elsewhere or steers tools must be reviewed, and so must what the manifest names.
. "$TOP/Tests/Transcripts/smelt-collect/sessions.sh"
protect='"infra"'
session work succeeded 'mkdir -p .GitHub/workflows infra; echo x >.GitHub/workflows/ci.yml; echo x >infra/x; rm file; echo x >fine'
log | smelt-collect | own | grep -o '"review".*'
>>>
"review":"required","reviewReasons":["'.GitHub/workflows/ci.yml' is protected by '.github/workflows/**': added","'infra/x' is protected by 'infra': added"],"sessions":["work"]}
---
# A review of everything was asked for.
. "$TOP/Tests/Transcripts/smelt-collect/sessions.sh"
review=true
session work succeeded 'echo x >fine'
log | smelt-collect | own | grep -o '"review".*'
>>>
"review":"required","reviewReasons":["the manifest asks for a review of every result"],"sessions":["work"]}

# A manifest that is not there, or cannot be read, is 66.
smelt-manifest plan nowhere.toml | jq -c '[.type, .code, .status]'
>>>
["failed","no_manifest",66]
>>>2
smelt-manifest: could not open 'nowhere.toml': No such file or directory
---
smelt-manifest check nowhere.toml
>>>2
smelt-manifest: could not open 'nowhere.toml': No such file or directory
>>>= 66
---
smelt-manifest check .
>>>2
smelt-manifest: could not read '.': Is a directory
>>>= 66

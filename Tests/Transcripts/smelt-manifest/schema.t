# Both schemas are JSON Schema of 2020-12; manifests are the ones by default.
for which in '' manifest records; do smelt-manifest schema $which | jq -r '[.["$schema"], .title] | @tsv'; done
>>>
https://json-schema.org/draft/2020-12/schema	smelt job manifest
https://json-schema.org/draft/2020-12/schema	smelt job manifest
https://json-schema.org/draft/2020-12/schema	smelt records
---
smelt-manifest schema queue
>>>2
smelt-manifest: say which schema: manifest, records
usage: smelt-manifest schema [manifest|records]
>>>= 64

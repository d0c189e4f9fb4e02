# Every record of a real run has the members that the schema requires of its type, and no others.
. "$TOP/Tests/Transcripts/examples/scene.sh"
pipelines/plain.sh hello.toml >/dev/null
smelt-manifest schema records > schema.json
jq -r --slurpfile schema schema.json '. as $record | $schema[0]["$defs"][.type] as $known |
    ($known.required - keys, keys - ($known.properties | keys) - ["v", "type", "time", "run"])[] |
    "\($record.type): \(.)"' records.jsonl
>>>

#!/bin/sh
# A person looks before anything is delivered, whatever the manifest says. Answer from another
# terminal:
#
#   smelt-review list
#   smelt-review show RUN
#   smelt-review approve RUN         or: deny RUN --note 'why not'
#
# Usage: review.sh MANIFEST [LOG]
set -eu
manifest=${1:?usage: review.sh MANIFEST [LOG]}
log=${2:-records.jsonl}

smelt-manifest plan "$manifest" | smelt-provision | smelt-exec | smelt-collect |
    smelt-provision release | smelt-review --always | smelt-pr | smelt-runs record >"$log"

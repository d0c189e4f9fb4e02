#!/bin/sh
# No branch and no pull request: the result comes out as a mailbox of patches for `git am`, and as
# little as possible is left behind. Usage: patch.sh MANIFEST PATCH
set -eu
manifest=${1:?usage: patch.sh MANIFEST PATCH}
patch=${2:?usage: patch.sh MANIFEST PATCH}

smelt-manifest plan "$manifest" | smelt-provision | smelt-exec |
    smelt-collect --patch "$patch" | smelt-provision release | smelt-runs record >/dev/null

#!/bin/sh
# Root's sessions get a copy of the checkout where its file system cannot map owners (ramfs cannot), and
# environment.ready says so; they work as they do elsewhere.
set -eu
if [ "$(id -u)" != 0 ]; then echo "only root's sessions have users of their own" && exit 77; fi
# shellcheck source=/dev/null
. "$TOP/Tests/Transcripts/environment.sh"
mkdir -m 700 "$SMELT_STATE_DIR" environments
export -p >variables
# shellcheck disable=SC2016
harness='test "$(cat file)" = one && echo two >>file && git status --short' planned >/dev/null
# shellcheck disable=SC2016
unshare --mount --propagation private sh -eu -c '
    . ./variables
    mount -t ramfs -o mode=700 none "$SMELT_STATE_DIR"
    mkdir "$SMELT_STATE_DIR/environments"
    mount --bind environments "$SMELT_STATE_DIR/environments"
    smelt-manifest plan job.toml | smelt-provision | smelt-exec | smelt-provision release >all
'
jq -es 'any(.warnings[0]? // "" | test("copied"))' all
jq -es 'any(.type == "session.finished" and .ending == "succeeded")' all
jq -j 'select(.type == "output") | .text' all | grep -x ' M file'
[ -z "$(ls environments)" ]

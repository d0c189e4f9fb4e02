#!/bin/bash
# What a run promises on the runtime docker, where podman's command has docker's name, with a store of podman's own: what
# podman does in another way than docker, or all rows with SMELT_SOAK=1.
set -u
command -v podman >/dev/null || { echo "there is no podman" && exit 77; }
[ "$(id -u)" = 0 ] || { echo "only root can have a store of podman's here" && exit 77; }
mkdir bin copies && ln -s "$BIN"/smelt-* bin/ && ln -s "$(command -v podman)" bin/docker || exit 1
export BIN=$PWD/bin PATH=$PWD/bin:$PATH
export CONTAINERS_CONF=$PWD/containers.conf CONTAINERS_STORAGE_CONF=$PWD/storage.conf
unset DOCKER_HOST DOCKER_CONTEXT
# Not podman's own, which are more than somebody may take who has no right to raise limits.
cat >"$CONTAINERS_CONF" <<END
[containers]
default_ulimits = ["nofile=1024:4096", "nproc=16384:16384"]
[engine]
cgroup_manager = "cgroupfs"
events_logger = "none"
tmp_dir = "$PWD/tmp"
image_copy_tmp_dir = "$PWD/copies"
END
printf '[storage]\ndriver = "overlay"\ngraphroot = "%s"\nrunroot = "%s"\n' "$PWD/storage" "$PWD/run" >"$CONTAINERS_STORAGE_CONF"
trap 'podman rm --all --force --volumes >/dev/null; podman rmi --all --force >/dev/null; umount -l "$PWD/storage/overlay" 2>/dev/null' EXIT
variables=$("$TOP/Tests/Engine/docker") || { echo "$variables" && exit 77; }
eval "$variables"
[ -n "${SMELT_SOAK-}" ] || set -- sessions_run_in_order_and_become_one nobody_special no_network_unless_opened \
    a_network_that_is_allowed memory_bites a_log_that_was_cut_off_after_a_commit_fed_again released_at_once
python3 "$TOP/Tests/Conformance/rows.py" docker "$@"; status=$?
if [ -n "$(ls copies)" ]; then echo "podman has kept copies: $(ls copies)" && status=1; fi
exit "$status"

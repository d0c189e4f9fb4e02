#!/bin/sh
# The attacks on smelt-exec, once more in a machine with every control group and an older kernel: those on walls that
# differ from kernel to kernel; quotas are groups.sh's. bin-scripts/soak plays all of them there; in an emulated machine that takes long.
for attack in "$TOP"/Tests/Attacks/exec-*.sh; do
    case ${attack##*/exec-} in
    capabilities.sh | first-process.sh | groups.sh | landlock.sh | limits.sh | masks.sh | mounts.sh | privileges.sh | \
        rlimits.sh | seccomp.sh | seccomp-report.sh | trace.sh | users.sh) ;;
    *) [ -n "${SMELT_SOAK-}" ] || continue ;;
    esac
    set -- "$@" "$attack"
done
"$TOP/Tests/Machine/run" -t 2400 "$TOP/Tests/Machine/suite" -2 "$@"

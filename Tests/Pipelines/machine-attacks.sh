#!/bin/sh
# The attacks on smelt-exec, once more in a machine with every control group and an older kernel.
for attack in "$TOP"/Tests/Attacks/exec-*.sh; do
    case ${attack##*/} in
    # Minutes in an emulated machine, for what no kernel has a part in: bin-scripts/soak plays them there, too.
    exec-broker.sh | exec-egress-load.sh) [ -n "${SMELT_SOAK-}" ] || continue ;;
    esac
    set -- "$@" "$attack"
done
"$TOP/Tests/Machine/run" -t 1800 "$TOP/Tests/Machine/suite" -2 "$@"

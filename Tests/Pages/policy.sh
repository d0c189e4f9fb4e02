#!/bin/bash
# What an option of smelt-exec says of a command's sandbox, smelt-policy(5) can say: every option is a key or one of those
# that are about the call itself.
set -u
failed=0
keys=$(sed -n '/^\.Ss Keys/,/^\.Ss Several/p' "$TOP/man/smelt-policy.5" | grep -E '^\.(It )?Ic ' | tr -s ' ,' '\n' | sort -u)
# About the call, its records and its command.
about="block-fd check doctor enter events explain json plan policy report start-commit task tracer"
# Named otherwise in a table of their own.
declare -A key=([limit]=limits [rlimit]=rlimits [network-rules]=rules [broker-ca]=ca_file [resolver]=resolvers)
while read -r option; do
    [[ " $about " != *" $option "* ]] || continue
    grep -qx "${key[$option]-${option//-/_}}" <<<"$keys" || { echo "--$option has no key in smelt-policy(5)" && failed=1; }
done < <("$BIN/smelt-exec" --options | cut -f 2 | sed -n 's/^--//p')
exit $failed

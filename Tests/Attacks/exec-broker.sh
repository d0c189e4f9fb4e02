#!/bin/sh
# A broker's secret is used by the command and is nowhere in its sandbox: not in memory, environment, files or /proc, nor in
# what the upstream says back.
# shellcheck disable=SC2016,SC2086,SC2154,SC2317
if [ -z "${NAMES-}" ]; then exec python3 "$TOP/Tests/Network/servers.py" -- "$0"; fi
# shellcheck source=Tests/Attacks/common
. "$TOP/Tests/Attacks/common"

attack() {
    cp "$CA" "$place/ca.pem" && chmod 644 "$place/ca.pem"
    for how in env file; do
        : >"$SEEN"
        python3 "$TOP/Tests/Attacks/broker-outside.py" "$place/bin/smelt-exec" "$TLS" "$place/ca.pem" "$here" $how $prefix >"$place/said" 2>&1 ||
            harm "with the secret from $how: $(cat "$place/said")"
        grep -q '^key Bearer hunter2-' "$SEEN" || harm "the upstream did not get the secret"
        [ "$(grep -c '^key ' "$SEEN")" = "$(grep -c '^[A-Z]* 127.0.0.1:.* /api' "$SEEN")" ] || harm "it was sent elsewhere"
        if grep -q mine "$SEEN"; then harm "a header of the command's own went along"; fi
        if grep ' /outside' "$SEEN"; then harm "a path led out of the upstream's"; fi
    done
}
attempt attack

#!/bin/sh
# With an open list nothing else is reached: not by raw sockets, other ports, other names, addresses, or by what the
# resolver, the proxy and its protocols could be talked into.
# shellcheck disable=SC2016,SC2086,SC2154,SC2317
if [ -z "${NAMES-}" ]; then exec python3 "$TOP/Tests/Network/servers.py" -- "$0"; fi
# shellcheck source=Tests/Attacks/common
. "$TOP/Tests/Attacks/common"

open() {
    sandbox --timeout "${slow}60s" --grace 0 --resolver "127.0.0.1:$NAMES" --events ./events \
        --network "allow:web.example:$WEB private,*.example:$ECHO private,*.is.example:$WEB,six.example:$WEB,rebind.example:$WEB" \
        -- "$@" >"$place/said" 2>&1
}

attack() {
    : >"$SEEN"
    cp "$TOP/Tests/Attacks/egress-inside.py" "$place/inside.py"
    chmod 644 "$place/inside.py"
    open python3 - "$WEB" "$TLS" "$ECHO" <"$place/inside.py" || harm "inside: $(cat "$place/said")"
    # What was let through was let through: the attempts are no blanks.
    grep -q "^GET web.example:$WEB /proof" "$SEEN" || harm "the host that is allowed was not reached"
    if grep -E "^[A-Z]+ .*(/attack|:$TLS)" "$SEEN"; then harm "a forbidden request arrived"; fi
    # No name left that nobody may connect to, whatever was asked.
    if grep -E '^query .*(secret|evil|test)' "$SEEN"; then harm "a name was carried out"; fi
    grep -q '"allowed":false.*"host":"secret-data.evil.test".*"port":53' events || harm "a refused name is not told"
    grep -q '"type":"denied".*"mechanism":"egress"' events || harm "nothing is denied"
}
attempt attack

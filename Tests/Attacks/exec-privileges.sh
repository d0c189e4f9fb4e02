#!/bin/sh
# No capability and no set-user-id file gives anything inside, whatever the caller holds.
# shellcheck disable=SC2016,SC2086,SC2154,SC2317
# shellcheck source=Tests/Attacks/common
. "$TOP/Tests/Attacks/common"

attack() {
    sandbox -- grep -E '^(Cap|NoNewPrivs)' /proc/self/status >"$place/status"
    [ "$(grep -c '0000000000000000$' "$place/status")" = 5 ] || harm "capabilities: $(cat "$place/status")"
    grep -q 'NoNewPrivs:.1' "$place/status" || harm "privileges can be gained"
    if [ "$who" = root ]; then
        setpriv --inh-caps=+chown,+dac_override,+sys_admin --ambient-caps=+chown,+dac_override,+sys_admin "$place/bin/smelt-exec" -- \
            grep ^Cap /proc/self/status >"$place/status"
        [ "$(grep -c '0000000000000000$' "$place/status")" = 5 ] || harm "inherited: $(cat "$place/status")"
        # A set-user-id root program on a file system that the command may even write.
        cp "$(command -v id)" "$here/id"
        chmod 4755 "$here/id"
        [ "$(sandbox --read-write "$here" -- "$here/id" -u)" = 1000 ] || harm "a set-user-id program worked"
        [ "$(sandbox --read-write "$here" -- sh -c 'touch "$1/made"' sh "$here"; stat -c %u:%g "$here/made")" = 65534:1900000000 ] ||
            harm "the command wrote as somebody else"
        # What belongs to root is never written for a command.
        mkdir "$place/roots"
        sandbox --read-write "$place/roots" -- true 2>/dev/null
        [ $? = 125 ] || harm "a command may write what is root's"
    fi
    refused -- setpriv --reuid=0 true
    refused -- setpriv --groups=0 true
    refused -- python3 -c 'import os; os.setuid(0)'
    refused -- python3 -c 'import os; os.setgroups([])'
    refused -- sh -c 'ulimit -c unlimited'
    refused -- nice -n -5 sh -c 'test "$(nice)" -lt 0'
}
attempt attack

#!/bin/sh
# A secret that is handed in is where it was asked for and nowhere else: not in the memory, environment or arguments of
# smelt-exec, in no file of its state, in no record; and inside nobody can change it or keep it out of sight.
# shellcheck disable=SC2016,SC2086,SC2154,SC2317
# shellcheck source=Tests/Attacks/common
. "$TOP/Tests/Attacks/common"

attack() {
    for how in env file fd; do
        python3 "$TOP/Tests/Attacks/secret-outside.py" "$place/bin/smelt-exec" "$here" $how $prefix >"$place/said" 2>&1 ||
            harm "with the secret from $how: $(cat "$place/said")"
    done
    echo hunter2-value >"$here/key"
    if [ "$(id -u)" = 0 ]; then chown 65534:65534 "$here/key"; fi
    with="--secret key=file:$here/key"
    allowed $with -- sh -c 'sh -c "grep -q hunter2 /run/secrets/key" & wait $!'
    refused $with -- sh -c 'echo x >/run/secrets/key'
    refused $with -- sh -c 'echo x >/run/secrets/new'
    refused $with -- sh -c 'chmod 644 /run/secrets/key || chmod 755 /run/secrets'
    refused $with -- rm -f /run/secrets/key
    refused $with -- mv /run/secrets /run/other
    refused $with --keep-capability sys_admin -- sh -c 'umount /run/secrets || mount -o remount,rw /run/secrets'
    refused $with --keep-capability dac_override --seccomp none --landlock none -- sh -c 'echo x >/run/secrets/key'
    refused $with -- sh -c 'cp /bin/true /tmp/true && ln /run/secrets/key /tmp/key'
    # Another sandbox at the same time, and one without it.
    refused -- ls /run/secrets/key
    refused --secret other=file:$here/key -- ls /run/secrets/key
}
attempt attack

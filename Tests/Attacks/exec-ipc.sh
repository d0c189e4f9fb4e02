#!/bin/sh
# Nothing passes through shared memory, message queues, keyrings or private directories: not from the host, not
# from one sandbox to the next.
# shellcheck disable=SC2016,SC2086,SC2154,SC2317
# shellcheck source=Tests/Attacks/common
. "$TOP/Tests/Attacks/common"

attack() {
    for directory in /tmp /var/tmp /dev/shm /run /home/smelt; do
        allowed -- touch "$directory/left-behind"
        refused -- test -e "$directory/left-behind"
        [ ! -e "$directory/left-behind" ] || harm "left on the host: $directory/left-behind"
    done
    segment=$($prefix ipcmk -M 4096 | tr -dc 0-9)
    allowed -- sh -c 'test -z "$(ipcs -m | grep 4096)"'
    $prefix ipcrm -m "$segment"
    # A new session keyring with a key in it (KEYCTL_JOIN_SESSION_KEYRING, add_key), which programs started from
    # there possess; a search for the key (KEYCTL_SEARCH) works outside and not inside.
    search='import ctypes, sys; c = ctypes.CDLL(None)
sys.exit(all(c.syscall(250, 10, ring, b"user", b"smelt-attack", 0) < 0 for ring in (-1, -2, -3, -4, -5)))'
    hold='import ctypes, os, sys; c = ctypes.CDLL(None)
if c.syscall(250, 1, None) < 0 or c.syscall(248, b"user", b"smelt-attack", b"secret", 6, -3) < 0: sys.exit(3)
os.execvp(sys.argv[1], sys.argv[1:])'
    $prefix python3 -c "$hold" python3 -c "$search" || harm "the key cannot be found outside either"
    $prefix python3 -c "$hold" "$place/bin/smelt-exec" -- python3 -c "$search"
    [ $? = 1 ] || harm "a key of the host was found"
    [ "$(sandbox -- hostname)" = smelt ] || harm "the name of the host is shown"
    refused -- hostname other
}
attempt attack

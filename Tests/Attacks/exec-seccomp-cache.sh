#!/bin/sh
# A filter that was kept is taken only when it is whole and the caller's own; no sandbox can put one there.
# shellcheck disable=SC2016,SC2086,SC2154,SC2317
# shellcheck source=Tests/Attacks/common
. "$TOP/Tests/Attacks/common"

# Whether mounts are refused, which is what a false program would let through.
filtered() {
    refused --keep-capability sys_admin --landlock none -- mount -t tmpfs none /tmp
    sandbox --report "$here/report" --keep-capability sys_admin --landlock none -- mount -t tmpfs none /tmp 2>&1 |
        grep -q 'refused once: mount, by seccomp' || harm "$1 was taken"
    rm -f "$here/report"
}

attack() {
    # The state directory is the caller's, as it is at home.
    mkdir "$here/home" && chmod 777 "$here" && chown "$($prefix id -u)" "$here/home"
    SMELT_STATE_DIR=$here/home/state && export SMELT_STATE_DIR
    kept=$SMELT_STATE_DIR/seccomp
    allowed -- true
    file=$(echo "$kept"/default-*)
    [ "$(stat -c %a "$file")" = 600 ] || harm "the program is not kept, or for all to write"
    cp "$file" "$here/good"
    filtered "a good one"

    # A program that lets everything through, with its checksum and with another's.
    python3 - "$here" <<'P'
import struct, sys
def kept(words):
    checksum = 0xcbf29ce484222325
    for word in words: checksum = (checksum ^ word) * 0x100000001b3 % (1 << 64)
    return b"filter 2" + struct.pack(f"<{len(words) + 1}Q", checksum, *words)
forged = kept([0x7fff000000000006])
open(sys.argv[1] + "/forged", "wb").write(forged)
open(sys.argv[1] + "/torn", "wb").write(open(sys.argv[1] + "/good", "rb").read()[:16] + forged[16:])
P
    place_it() { rm -rf "$file" && cp "$here/$1" "$file" && chown "$2" "$file" && chmod "$3" "$file"; }
    own=$($prefix id -u)
    if [ "$(id -u)" = 0 ]; then
        if [ "$own" = 0 ]; then other=65534; else other=0; fi
        place_it forged $other 644 && filtered "a stranger's"
    fi
    place_it forged "$own" 644 && filtered "one for all to read"
    place_it forged "$own" 620 && filtered "one for a group to write"
    place_it torn "$own" 600 && filtered "one with another's checksum"
    head -c 200 "$here/good" >"$here/short"
    place_it short "$own" 600 && filtered "half of one"
    : >"$here/empty"
    place_it empty "$own" 600 && filtered "an empty one"
    # What it would do if it were taken.
    place_it forged "$own" 600 && allowed --keep-capability sys_admin --landlock none -- mount -t tmpfs none /tmp
    cp "$here/forged" "$here/linked" && chown "$own" "$here/linked" && chmod 600 "$here/linked"
    rm -f "$file" && ln -s "$here/linked" "$file" && filtered "a link"
    rm -f "$file" && mkfifo -m 600 "$file" && chown "$own" "$file" && filtered "a pipe"
    rm -f "$file"

    # The home is the command's to write, but not what smelt believes later: not when it is there, not before.
    chown -R "${hostuser:=$([ "$who" = root ] && echo 65534 || echo "$own")}" "$here/home"
    for round in made new; do
        [ $round = made ] || rm -rf "$SMELT_STATE_DIR"
        [ "$who" != root ] || chown 0 "$SMELT_STATE_DIR" 2>/dev/null
        for grant in "--read-write $here/home" "--bind $here/home:/srv/home" "--read-write $here"; do
            sandbox $grant -- sh -c 'for home in "$1/home" /srv/home; do mkdir -p "$home/state/seccomp"; echo x >"$home/state/seccomp/x"; done
                mv "$1/home/state" "$1/home/away"' sh "$here" >/dev/null 2>&1
            if find "$here/home" -name x | grep -q . || [ -e "$here/home/away" ]; then harm "$grant: written in the state directory ($round)"; fi
        done
    done
    for grant in "$SMELT_STATE_DIR" "$SMELT_STATE_DIR/seccomp"; do
        mkdir -p "$grant" && chown "$hostuser" "$grant"
        sandbox --read-write "$grant" -- true 2>"$place/said"
        { [ $? = 125 ] && grep -q 'what it believes later (refused, 77)$' "$place/said"; } || harm "$grant was granted: $(cat "$place/said")"
    done
    unset hostuser
}
attempt attack

#!/bin/sh
# The second wall stands where the first one has a door: with a capability that can mount, without a mount in the
# way, and towards sockets that no mount can hide. What only Landlock forbids works once it is off, so that it
# is seen to be what forbids it.
# shellcheck disable=SC2016,SC2086,SC2154,SC2317
# shellcheck source=Tests/Attacks/common
. "$TOP/Tests/Attacks/common"

version=$(python3 -c 'import ctypes; print(ctypes.CDLL(None).syscall(444, None, 0, 1))')
# Older kernels, 6.1 among them, let that device be made whatever a rule says; here by a rule without smelt.
judges=$(python3 -c '
import ctypes, os, struct, tempfile
call = ctypes.CDLL(None).syscall
os.chdir(tempfile.mkdtemp())
rules = call(444, struct.pack("Q", 1 << 6), 8, 0)
ctypes.CDLL(None).prctl(38, 1, 0, 0, 0)
try:
    call(446, rules, 0) == 0 and os.mknod("whiteout", 0o020600, 0)
    os.unlink("whiteout")
    print(False)
except PermissionError:
    print(True)
os.rmdir(os.getcwd())')

attack() {
    if [ "$version" -lt 1 ]; then
        sandbox --landlock required -- true 2>"$place/said"
        { [ $? = 125 ] && grep -q 'no_landlock, 69' "$place/said"; } || harm "no Landlock, and nobody was told"
        return
    fi
    allowed --landlock required -- true
    # Somebody who may mount could take the mounts away that hide, and make those writable that only read.
    for attempt in 'mount -t tmpfs none /tmp' 'umount -l /etc/passwd' 'mount -o remount,bind,rw /usr' \
        'mount --bind /tmp /etc' 'pivot_root /tmp /tmp'; do
        refused --keep-capability sys_admin --seccomp none -- sh -c "$attempt"
    done
    # A file that was given to read, as standard input, is not opened anew to write; without Landlock it is, by its owner.
    echo precious >"$here/input"
    chmod 666 "$here/input"
    refused -- sh -c ': >/proc/self/fd/0' <"$here/input"
    [ "$(cat "$here/input")" = precious ] || harm "standard input was written"
    allowed --landlock none -- sh -c ': >/proc/self/fd/0' <"$here/input"
    [ ! -s "$here/input" ] || harm "this attack is a blank"
    allowed --keep-capability sys_admin --landlock none --seccomp none -- mount -t tmpfs none /tmp
    # A character device, if only the one that stands for nothing in an overlay.
    if [ "$judges" = True ]; then refused -- mknod /tmp/whiteout c 0 0; fi
    allowed --landlock none -- mknod /tmp/whiteout c 0 0
    if [ "$version" -ge 2 ]; then
        allowed -- sh -c 'mkdir /tmp/a /tmp/b && : >/tmp/a/f && ln /tmp/a/f /tmp/b/f && mv /tmp/a/f /tmp/b/g'
    fi
    if [ "$version" -ge 3 ]; then
        : >"$here/file" && chmod 666 "$here/file"
        refused --read-only "$here" -- truncate -s 5 "$here/file"
    fi
    if [ "$version" -ge 6 ]; then
        python3 -c '
import socket, sys
s = socket.socket(socket.AF_UNIX)
s.bind(b"\0smelt-attack-" + sys.argv[1].encode())
s.listen()
print("ready", flush=True)
sys.stdin.read()' "$$" <"$place/fifo-$who" >"$place/listening-$who" &
        listener=$!
        exec 9>"$place/fifo-$who"
        read -r _ <"$place/listening-$who"
        knock='import socket, sys; socket.socket(socket.AF_UNIX).connect(b"\0smelt-attack-" + sys.argv[1].encode())'
        refused --network host -- python3 -c "$knock" "$$"
        allowed --network host --landlock none -- python3 -c "$knock" "$$"
        exec 9>&-
        wait $listener
    fi
    # Nothing inside can leave the domain again, and more of them change nothing.
    refused -- python3 -c 'import ctypes, os; ctypes.CDLL(None).syscall(446, -1, 0); open("/etc/made", "w")'
}

prepare() {
    mkfifo "$place/fifo-$who" "$place/listening-$who"
    attack
}
attempt prepare

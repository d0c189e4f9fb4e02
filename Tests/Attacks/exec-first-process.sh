#!/bin/sh
# Our first process inside, which is a copy of smelt-exec, gives nothing away and cannot be turned or stopped: its
# program file (CVE-2019-5736), memory, environment, descriptors and root are closed to those inside.
# shellcheck disable=SC2016,SC2086,SC2154,SC2317
# shellcheck source=Tests/Attacks/common
. "$TOP/Tests/Attacks/common"

attack() {
    before=$(sha256sum <"$place/bin/smelt-exec")
    for file in exe mem environ fd/3 cwd/. root/. maps auxv; do
        refused -- sh -c 'exec 9<"/proc/1/$1"' sh "$file"
    done
    refused -- sh -c 'echo "#!/bin/sh" >/proc/1/exe'
    refused -- ls /proc/1/fd/
    refused -- sh -c 'exec 9>/proc/1/mem'
    # PTRACE_ATTACH and PTRACE_SEIZE, process_vm_readv, pidfd_getfd.
    for call in '101, 16, 1, 0, 0' '101, 0x4206, 1, 0, 0' '438, lib.syscall(434, 1, 0), 3, 0'; do
        refused -- python3 -c "
import ctypes, sys
lib = ctypes.CDLL(None)
sys.exit(0 if lib.syscall($call) >= 0 else 1)"
    done
    # Signals from inside do nothing to it, and nothing through it.
    allowed -- sh -c 'for s in KILL STOP TERM INT HUP USR1 QUIT; do kill -$s 1 2>/dev/null; done; kill -0 1'
    [ "$(sha256sum <"$place/bin/smelt-exec")" = "$before" ] || harm "smelt-exec was overwritten"
}
attempt attack

#!/bin/sh
# A command cannot change, move away or replace the files that say what it may do, wherever they lie in what it may write.
# shellcheck disable=SC2016,SC2154,SC2317
# shellcheck source=Tests/Attacks/common
. "$TOP/Tests/Attacks/common"

# Of the files where they are looked for; a copy elsewhere is anybody's to make.
sums() { (cd "$here/work/conf" && find . -type f -exec sha256sum {} + | sort); }

attack() {
    own=$($prefix id -u)
    if [ "$who" = root ]; then inside=65534; else inside=$own; fi
    mkdir -p "$here/work/conf/deep" "$here/elsewhere"
    cat >"$here/work/conf/deep/p.toml" <<'T'
extends = ["../base.toml"]
read_write = ["../.."]
bind = [{ source = "../..", target = "/again" }]
seccomp = "calls.toml"
network = { rules = ["rules"] }
T
    echo 'hostname = "confined"' >"$here/work/conf/base.toml"
    echo 'deny = ["setns"]' >"$here/work/conf/deep/calls.toml"
    echo 'a.example' >"$here/work/conf/deep/rules"
    chown -R "$inside:$inside" "$here/work"
    find "$here/work" -name '*.toml' -exec chown "$own" {} + && chown "$own" "$here/work/conf/deep/rules"
    # As open as a careless owner leaves it, but for what is refused at once.
    chmod -R 0775 "$here/work" && sum=$(sums)
    policy=$here/work/conf/deep/p.toml
    allowed --policy "$policy" -- sh -c 'test "$(hostname)" = confined && touch "$1/made" /again/too' sh "$here/work"

    for top in "$here/work" /again; do
        for file in conf/deep/p.toml conf/base.toml conf/deep/calls.toml conf/deep/rules; do
            allowed --policy "$policy" -- test -r "$top/$file"
            for try in 'echo x >"$0"' 'echo x >>"$0"' 'rm -f "$0"' 'mv "$0" "$0.away"' 'echo x >new; mv -f new "$0"' \
                'ln "$0" "$0.link"' 'ln -sf /dev/null "$0"' 'chmod 777 "$0"' 'truncate -s 0 "$0"' 'touch -d 2000-01-01 "$0"' \
                'mount --bind /dev/null "$0"' 'umount "$0"'; do
                refused --policy "$policy" --directory "$top" -- sh -c "$try" "$top/$file"
            done
        done
        for directory in conf conf/deep; do
            refused --policy "$policy" -- mv "$top/$directory" "$top/away"
            refused --policy "$policy" -- rmdir "$top/$directory"
            refused --policy "$policy" -- python3 -c '
import ctypes, os, sys
libc = ctypes.CDLL(None, use_errno=True)
os.makedirs(sys.argv[2], exist_ok=True)
sys.exit(libc.renameat2(-100, sys.argv[1].encode(), -100, sys.argv[2].encode(), 2) != 0)' "$top/$directory" "$top/other"
        done
    done
    # What is asked for with another policy, or by options, is kept, too.
    for grant in "--read-write $here" "--bind $here/work/conf:/srv" "--read-write $here --read-write $here/work/conf"; do
        # shellcheck disable=SC2086
        sandbox $grant --policy "$policy" --seccomp "$here/work/conf/deep/calls.toml" -- sh -c \
            'for file; do echo x >>"$file"; done' sh "$policy" /srv/base.toml /srv/deep/calls.toml >/dev/null 2>&1
    done
    [ "$(sums)" = "$sum" ] || harm "a policy was changed: $(sums)"

    # A way that the command could lay elsewhere.
    ln -s deep "$here/work/conf/link" && ln -s p.toml "$here/work/conf/deep/name.toml"
    for way in link/p.toml deep/name.toml link/../deep/p.toml; do
        sandbox --policy "$here/work/conf/$way" -- true 2>"$place/said"
        { [ $? = 125 ] && grep -q 'on the way to it' "$place/said"; } || harm "$way was believed: $(cat "$place/said")"
    done
    # A link that it cannot reach is good.
    ln -s "$here/work/conf/deep/p.toml" "$here/elsewhere/p.toml"
    printf 'extends = ["%s"]\n' "$policy" >"$here/elsewhere/q.toml" && chown "$own" "$here/elsewhere/q.toml"
    allowed --policy "$here/elsewhere/q.toml" -- true

    # What others own or may write.
    if [ "$who" = root ]; then
        chown 65534 "$here/work/conf/base.toml"
        sandbox --policy "$policy" -- true 2>"$place/said"
        grep -q 'belongs to user 65534' "$place/said" || harm "another's policy was believed: $(cat "$place/said")"
        chown 0 "$here/work/conf/base.toml"
    fi
    chmod o+w "$here/work/conf/base.toml"
    sandbox --policy "$policy" -- true 2>"$place/said"
    grep -q 'everybody may write it' "$place/said" || harm "everybody's policy was believed: $(cat "$place/said")"
}
attempt attack

#!/bin/sh
# A command cannot change, move away or replace the files that say what it may do, wherever they lie in what it may write.
# shellcheck disable=SC2016,SC2154,SC2317
# shellcheck source=Tests/Attacks/common
. "$TOP/Tests/Attacks/common"

# Of the files where they are looked for; a copy elsewhere is anybody's to make.
sums() { (cd "$here/work/conf" && find . -type f -exec sha256sum {} + | sort); }

# Whatever changes what a name leads to.
tries='
import ctypes, os, sys
libc = ctypes.CDLL(None, use_errno=True)
tried = 0
def must_fail(what, function):
    global tried
    tried += 1
    try:
        function()
        print("possible:", what)
    except OSError:
        pass
def call(name, *words):
    if getattr(libc, name)(*words) != 0: raise OSError(ctypes.get_errno(), name)
def exchange(one, two):
    os.makedirs(two, exist_ok=True)
    call("renameat2", -100, one.encode(), -100, two.encode(), 2)
for file in sys.argv[1:]:
    if not open(file).read(): print("empty:", file)
    open("new", "w").close()
    must_fail("write " + file, lambda: open(file, "w"))
    must_fail("append " + file, lambda: open(file, "a"))
    must_fail("truncate " + file, lambda: os.truncate(file, 0))
    must_fail("remove " + file, lambda: os.unlink(file))
    must_fail("move " + file, lambda: os.rename(file, file + ".away"))
    must_fail("replace " + file, lambda: os.rename("new", file))
    must_fail("link " + file, lambda: os.link(file, file + ".link"))
    must_fail("chmod " + file, lambda: os.chmod(file, 0o777))
    must_fail("date " + file, lambda: os.utime(file, (0, 0)))
    must_fail("mount on " + file, lambda: call("mount", b"/dev/null", file.encode(), None, 4096, None))
    must_fail("unmount " + file, lambda: call("umount2", file.encode(), 2))
for directory in ("conf", "conf/deep"):
    must_fail("move " + directory, lambda: os.rename(directory, "away"))
    must_fail("exchange " + directory, lambda: exchange(directory, "other"))
print("tried", tried)'

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

    # One sandbox for each place tries everything, and says what it could do and what it could not even look at.
    for top in "$here/work" /again; do
        sandbox --policy "$policy" --directory "$top" -- python3 -c "$tries" conf/deep/p.toml conf/base.toml conf/deep/calls.toml \
            conf/deep/rules >"$place/said" 2>&1
        [ "$?$(cat "$place/said")" = "0tried 48" ] || harm "in $top: $(cat "$place/said")"
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

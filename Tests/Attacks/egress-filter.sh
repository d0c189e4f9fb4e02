#!/bin/sh
# Who gets the better of smelt-egress can hardly ask the kernel for anything: nothing is executed, opened, mounted or looked
# into, and no socket made but those of the internet.
# shellcheck disable=SC2086,SC2154,SC2317
# shellcheck source=Tests/Attacks/common
. "$TOP/Tests/Attacks/common"

attack() {
    gcc -O1 -std=gnu17 -Wall -Wextra -Werror -D_Nonnull= -D_Nullable= -I"$TOP/Sources/CEgress/include" -o "$place/bin/egress-filter" \
        "$TOP/Tests/Attacks/egress-filter.c" "$TOP"/Sources/CEgress/confine.c "$TOP"/Sources/CEgress/filter.c \
        "$TOP"/Sources/CEgress/landlock.c || exit 1
    $prefix "$place/bin/egress-filter" >"$place/said" 2>&1 || harm "$(cat "$place/said")"
}
attempt attack

#!/bin/sh
# The lists by which the linker puts a command's start together fit the program: most of what they name is there.
set -u
there=$("$TOP/LinkOrder/make" --check) || exit 1
echo "$there" | while read -r command percent; do
    [ "$percent" -ge 85 ] && continue
    echo "only $percent % of LinkOrder/$command.order is in the program: build, and run LinkOrder/make"
    exit 1
done

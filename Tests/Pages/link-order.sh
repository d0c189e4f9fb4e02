#!/bin/sh
# The list by which the linker puts smelt-exec's start together fits the program: most of what it names is there.
set -u
there=$("$TOP/LinkOrder/make" --check) || exit 1
[ "$there" -ge 85 ] || { echo "only $there % of LinkOrder/smelt-exec.order is in the program: build, and run LinkOrder/make"; exit 1; }

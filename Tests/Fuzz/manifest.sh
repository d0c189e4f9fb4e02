#!/bin/sh
# Fuzzes what reads TOML with libFuzzer, AddressSanitizer and UBSan on the C++ side: manifests, policies of sandboxes, and
# those of system calls with what compiles them. manifest.sh [SECONDS [SEED [TARGET]]], so long for each of manifest,
# policy and seccomp. The corpora are the examples and the files beside this one. What was found is kept in .build/fuzz
# and its path printed.
set -eu
seconds=${1:-60}
seed=${2:-$(od -An -N4 -tu4 /dev/urandom | tr -d ' ')}
only=${3:-manifest policy seccomp}
here=$(realpath "$0") && here=${here%/*}
top=${here%/*/*}
work=$top/.build/fuzz
# shellcheck source=Tests/Fuzz/corpus
. "$here/corpus"
for target in $only; do seeds "$target" "$work/$target"; done
case $only in *manifest*) cp "$top"/examples/*.toml "$top"/examples/agents/*.toml "$work/manifest" ;; esac

clang=$(dirname "$(realpath "$(command -v swiftc)")")/clang++
"$clang" -std=c++17 -g -O1 -fsanitize=address,undefined,fuzzer-no-link \
    -fno-sanitize-recover=undefined -I "$top/Sources/CToml/include" \
    -c "$top/Sources/CToml/toml.cpp" -o "$work/toml.o"

# One module after the other, as the package has them.
module() {
    name=$1
    shift
    find "$top/Sources/$name" -name '*.swift' >"$work/$name.files"
    swiftc -parse-as-library -swift-version 6 -package-name smelt -O -g -enable-testing \
        -enable-upcoming-feature ExistentialAny -enable-upcoming-feature InternalImportsByDefault \
        -sanitize=fuzzer,address -module-name "$name" -I "$work" -emit-module \
        -emit-module-path "$work/$name.swiftmodule" -emit-object -wmo -o "$work/$name.o" \
        "$@" "@$work/$name.files"
}
set --
for headers in CChild CSystem CToml; do
    mkdir -p "$work/$headers"
    printf 'module %s { header "%s" export * }\n' "$headers" \
        "$top/Sources/$headers/include/$headers.h" >"$work/$headers/module.modulemap"
    set -- "$@" -I "$work/$headers"
done
set -- "$@" -I "$top/Sources/CSeccomp" -I "$top/Sources/CCap"
objects=
for source in "$top"/Sources/CSystem/*.c "$top"/Sources/CChild/*.c; do
    object=$work/c-${source##*/}.o
    objects="$objects $object"
    "$clang" -g -O1 -I "${source%/*}/include" -x c -c "$source" -o "$object"
done
for name in Smelt Records Toml Sandbox Policies Manifest; do
    module $name "$@"
    objects="$objects $work/$name.o"
done
echo "fuzz: $seconds s each, seed $seed"
for target in $only; do
    case $target in
    manifest) harness=FuzzManifest ;;
    policy) harness=FuzzPolicy ;;
    seccomp) harness=FuzzSeccomp ;;
    esac
    # shellcheck disable=SC2086 # Our own paths, none with spaces but the checkout's.
    swiftc -parse-as-library -swift-version 6 -package-name smelt -O -g -sanitize=fuzzer,address -I "$work" "$@" \
        -module-name $harness "$here/$harness.swift" $objects "$work/toml.o" -lstdc++ -lubsan -lseccomp -lcap \
        -o "$work/fuzz-$target"
    echo "fuzz: $target"
    # Constants live until the end, which the leak checker does not know of Swift. A policy's files are beside it.
    (cd "$work/$target" && ASAN_OPTIONS=detect_leaks=0 "../fuzz-$target" -seed="$seed" -max_total_time="$seconds" \
        -max_len=4096 -timeout=10 -rss_limit_mb=2048 -print_final_stats=1 -artifact_prefix=../ .)
done

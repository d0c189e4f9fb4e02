#!/bin/sh
# Fuzzes the reader of manifests with libFuzzer, AddressSanitizer and UBSan on the C++ side:
# manifest.sh [SECONDS [SEED]]. The corpus is the examples and the files beside this one. What was
# found is kept in .build/fuzz and its path printed.
set -eu
seconds=${1:-60}
seed=${2:-$(od -An -N4 -tu4 /dev/urandom | tr -d ' ')}
here=$(realpath "$0") && here=${here%/*}
top=${here%/*/*}
work=$top/.build/fuzz
mkdir -p "$work/corpus"
cp "$top"/examples/*.toml "$top"/examples/agents/*.toml "$here"/manifest/*.toml "$work/corpus"

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
for headers in CSystem CToml; do
    mkdir -p "$work/$headers"
    printf 'module %s { header "%s" export * }\n' "$headers" \
        "$top/Sources/$headers/include/$headers.h" >"$work/$headers/module.modulemap"
done
"$clang" -g -O1 -I "$top/Sources/CSystem/include" -x c -c "$top/Sources/CSystem/system.c" \
    -o "$work/system.o"
module Smelt -I "$work/CSystem"
module Records -I "$work/CSystem"
module Toml -I "$work/CSystem" -I "$work/CToml"
module Manifest -I "$work/CSystem" -I "$work/CToml"
swiftc -parse-as-library -swift-version 6 -package-name smelt -O -g -sanitize=fuzzer,address \
    -I "$work" -I "$work/CSystem" -I "$work/CToml" -module-name FuzzManifest \
    "$here/FuzzManifest.swift" "$work/Manifest.o" "$work/Toml.o" "$work/Records.o" "$work/Smelt.o" \
    "$work/toml.o" "$work/system.o" -lstdc++ -lubsan -o "$work/fuzz-manifest"

echo "fuzz: $seconds s, seed $seed"
cd "$work"
# Constants live until the end, which the leak checker does not know of Swift.
exec env ASAN_OPTIONS=detect_leaks=0 ./fuzz-manifest -seed="$seed" -max_total_time="$seconds" -max_len=4096 -timeout=10 \
    -rss_limit_mb=2048 -print_final_stats=1 corpus

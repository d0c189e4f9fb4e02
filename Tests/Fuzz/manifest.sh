#!/bin/sh
# Fuzzes what reads TOML with libFuzzer, AddressSanitizer and UBSan on the C++ side: manifests, and policies of system
# calls with what compiles them. manifest.sh [SECONDS [SEED [TARGET]]], so long for each of manifest and seccomp. The
# corpora are the examples and the files beside this one. What was found is kept in .build/fuzz and its path printed.
set -eu
seconds=${1:-60}
seed=${2:-$(od -An -N4 -tu4 /dev/urandom | tr -d ' ')}
only=${3:-manifest seccomp}
here=$(realpath "$0") && here=${here%/*}
top=${here%/*/*}
work=$top/.build/fuzz
mkdir -p "$work/manifest" "$work/seccomp"
cp "$top"/examples/*.toml "$top"/examples/agents/*.toml "$here"/manifest/*.toml "$work/manifest"
cp "$here"/seccomp/*.toml "$work/seccomp"

clang=$(dirname "$(realpath "$(command -v swiftc)")")/clang++
"$clang" -std=c++17 -g -O1 -fsanitize=address,undefined,fuzzer-no-link \
    -fno-sanitize-recover=undefined -I "$top/Sources/CToml/include" \
    -c "$top/Sources/CToml/toml.cpp" -o "$work/toml.o"

# One module after the other, as the package has them.
module() {
    name=$1
    shift
    files "$name" >"$work/$name.files"
    swiftc -parse-as-library -swift-version 6 -package-name smelt -O -g -enable-testing \
        -enable-upcoming-feature ExistentialAny -enable-upcoming-feature InternalImportsByDefault \
        -sanitize=fuzzer,address -module-name "$name" -I "$work" -emit-module \
        -emit-module-path "$work/$name.swiftmodule" -emit-object -wmo -o "$work/$name.o" \
        "$@" "@$work/$name.files"
}
# Of the sandbox only what has to do with policies.
files() {
    case $1 in
    Policies) find "$top/Sources/Sandbox" -name 'Seccomp*.swift' ! -name SeccompCache.swift -o -name SandboxFault.swift ;;
    *) find "$top/Sources/$1" -name '*.swift' ;;
    esac
}
for headers in CChild CSystem CToml; do
    mkdir -p "$work/$headers"
    printf 'module %s { header "%s" export * }\n' "$headers" \
        "$top/Sources/$headers/include/$headers.h" >"$work/$headers/module.modulemap"
done
for source in "$top"/Sources/CSystem/*.c; do
    "$clang" -g -O1 -I "$top/Sources/CSystem/include" -x c -c "$source" -o "$work/C-$(basename "$source").o"
done
module Smelt -I "$work/CSystem"
module Records -I "$work/CSystem"
module Toml -I "$work/CSystem" -I "$work/CToml"
echo "fuzz: $seconds s each, seed $seed"
for target in $only; do
    case $target in
    manifest) module=Manifest harness=FuzzManifest libraries= ;;
    seccomp) module=Policies harness=FuzzSeccomp libraries=-lseccomp ;;
    esac
    set -- -I "$work/CSystem" -I "$work/CToml" -I "$work/CChild" -I "$top/Sources/CSeccomp"
    module "$module" "$@"
    # shellcheck disable=SC2086 # one word or none
    swiftc -parse-as-library -swift-version 6 -package-name smelt -O -g -sanitize=fuzzer,address -I "$work" "$@" \
        -module-name $harness "$here/$harness.swift" "$work/$module.o" "$work/Toml.o" "$work/Records.o" \
        "$work/Smelt.o" "$work/toml.o" "$work"/C-*.o -lstdc++ -lubsan $libraries -o "$work/fuzz-$target"
    echo "fuzz: $target"
    # Constants live until the end, which the leak checker does not know of Swift.
    (cd "$work" && ASAN_OPTIONS=detect_leaks=0 "./fuzz-$target" -seed="$seed" -max_total_time="$seconds" -max_len=4096 \
        -timeout=10 -rss_limit_mb=2048 -print_final_stats=1 "$target")
done

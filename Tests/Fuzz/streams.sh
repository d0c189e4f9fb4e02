#!/bin/sh
# Fuzzes what reads bytes of others as they come, with libFuzzer and AddressSanitizer: the records' lines, the head of a bundle,
# the masking of output, tasks, what clients of smelt-egress say in HTTP, SOCKS, DNS and TLS, and what is said of connections that are
# carried out of containers. streams.sh [SECONDS [SEED [TARGET]]], so long for each; the corpora are beside this file.
set -eu
seconds=${1:-60}
seed=${2:-$(od -An -N4 -tu4 /dev/urandom | tr -d ' ')}
only=${3:-lines bundle output task http socks names hello relay}
here=$(realpath "$0") && here=${here%/*}
top=${here%/*/*}
# shellcheck source=Tests/Fuzz/corpus
. "$here/corpus"
work=$top/.build/fuzz-streams
mkdir -p "$work/CSystem"
clang=$(dirname "$(realpath "$(command -v swiftc)")")/clang
printf 'module CSystem { header "%s" export * }\n' "$top/Sources/CSystem/include/CSystem.h" \
    >"$work/CSystem/module.modulemap"
for source in "$top"/Sources/CSystem/*.c; do
    "$clang" -g -O1 -I "$top/Sources/CSystem/include" -c "$source" -o "$work/C-$(basename "$source").o"
done

compile() {
    swiftc -parse-as-library -swift-version 6 -package-name smelt -O -g -I "$work" -I "$work/CSystem" \
        -enable-upcoming-feature ExistentialAny -enable-upcoming-feature InternalImportsByDefault \
        -sanitize=fuzzer,address "$@"
}
# One module after the other, as the package has them.
for name in Smelt Records; do
    find "$top/Sources/$name" -name '*.swift' >"$work/$name.files"
    compile -module-name $name -emit-module -emit-module-path "$work/$name.swiftmodule" \
        -emit-object -wmo -o "$work/$name.o" "@$work/$name.files"
done
find "$top/Sources/Tasks" -name '*.swift' >"$work/Tasks.files"
compile -enable-testing -module-name Tasks -emit-module -emit-module-path "$work/Tasks.swiftmodule" \
    -emit-object -wmo -o "$work/Tasks.o" "@$work/Tasks.files"
egress=$top/Sources/Egress
# What is tried, as far as it needs nothing else of its module.
tried() {
    case $1 in
    lines) echo Lines ;;
    bundle) echo Bundle "$top"/Sources/Results/BundleHeader.swift "$top"/Sources/Results/Waiting.swift \
        "$top"/Sources/Results/QuarantineFault.swift ;;
    output) echo Output "$top"/Sources/Sessions/OutputFilter.swift ;;
    task) echo Task ;;
    http) echo HTTP "$egress"/HTTPHead.swift "$egress"/HTTPBody.swift "$egress"/HTTPTarget.swift ;;
    socks) echo Socks "$egress"/SocksRequest.swift ;;
    names) echo Names "$egress"/NameServer.swift "$egress"/NameQuery.swift "$egress"/NameTable.swift "$egress"/Policy.swift ;;
    relay) echo Relay "$top"/Sources/Runtimes/Inside/InsideRelay.swift "$top"/Sources/Runtimes/Inside/RelayBook.swift ;;
    hello) echo Hello "$egress"/ClientHello.swift "$egress"/HTTPHead.swift ;;
    esac
}
echo "fuzz: $seconds s each, seed $seed"
for target in $only; do
    # shellcheck disable=SC2046 # Our own paths, none with spaces but the checkout's.
    set -- $(tried "$target")
    name=$1 && shift
    compile -module-name "Fuzz$name" "$here/Fuzz$name.swift" "$here/Feed.swift" "$@" \
        "$work/Tasks.o" "$work/Records.o" "$work/Smelt.o" "$work"/C-*.o -o "$work/fuzz-$target"
    seeds "$target" "$work/$target"
    echo "fuzz: $target"
    # Constants live until the end, which the leak checker does not know of Swift.
    (cd "$work" && ASAN_OPTIONS=detect_leaks=0 SWIFT_BACKTRACE=enable=no "./fuzz-$target" -seed="$seed" -max_total_time="$seconds" \
        -max_len=4096 -timeout=10 -rss_limit_mb=2048 -print_final_stats=1 "$target")
done

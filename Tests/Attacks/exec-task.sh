#!/bin/sh
# A task's script cannot be changed from inside, nor be found anywhere else; a task grants itself nothing, and what an
# attempt leaves running does not see the next.
# shellcheck disable=SC2016,SC2154,SC2317
# shellcheck source=Tests/Attacks/common
. "$TOP/Tests/Attacks/common"

task() {
    cat <<T
{"slot":"attack","kind":{"subprocess":{"mode":{"script":{"runtime":"bash","body":"$(printf %s "$1" | base64 -w 0)"}}${2-}}},
 "timeout":20000,"restart":{"type":"${3:-never}"},"backoff":{"jitter":"none","firstMs":1,"maxMs":1,"factor":1},
 "admission":"queue","maxRetries":1}
T
}

harmless() {
    task "$1" "${2-}" "${3-}" >task.json
    refused --task task.json
}

try() {
    # Beside the caller's own directory, which is shown.
    outside=$place/$who-outside
    mkdir "$outside" && echo secret >"$outside/file"
    harmless 'echo evil >>"$0"'
    harmless ': >"$0"'
    harmless 'chmod +w "$0"'
    harmless 'rm -f "$0"'
    harmless 'mv "$0" /tmp/x'
    harmless 'cp /etc/hostname /tmp/x && mv /tmp/x "$0"'
    # The memory that it comes from is not among the descriptors of anybody inside.
    harmless 'readlink /proc/[0-9]*/fd/* 2>/dev/null | grep memfd'
    # 255 is where bash keeps the script itself.
    harmless 'for link in /proc/$$/fd/*; do case ${link##*/} in [012]|255) ;; *) test -e "$link" && exit 0 ;; esac; done; exit 1'
    harmless 'exec 9<>/proc/self/fd/255; echo evil >&9'
    # Neither by its environment nor by where it starts.
    harmless "cat '$outside/file'"
    task 'cat file' ",\"cwd\":\"$outside\"" >task.json
    if sandbox --task task.json >"$place/said" 2>&1; then harm "a task went where nothing was granted"; fi
    harmless 'cat "$SHOWN"' ",\"env\":[{\"key\":\"SHOWN\",\"value\":\"$outside/file\"}]"
    # What was left behind by an attempt has been killed, and its files are gone.
    task 'if [ -e /tmp/mark ] || pgrep -x sleep; then exit 0; fi; echo x >/tmp/mark; setsid sleep 1000 >/dev/null 2>&1 & exit 1' "" onFailure >task.json
    refused --task task.json
    [ "$(cat "$outside/file")" = secret ] || harm "the file outside was changed"
    task 'test "$(cat "$0")" && cat file' ",\"cwd\":\"$outside\"" >task.json
    allowed --read-only "$outside" --task task.json
}

attempt try

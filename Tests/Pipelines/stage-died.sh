#!/bin/bash
# A stage that is killed, or is not there, cannot say so: smelt-run says it in its place, and the run has not gone well, whatever the
# records had said before. What a stage had begun to write does not hide it, but is a line that is wrong.
set -u
git init -qb main project && git -C project -c user.name=a -c user.email=a@example.org commit -q --allow-empty -m base || exit 70
printf '%s\n' '[job]' 'name = "died"' 'repo = "project"' 'base_ref = "main"' '[[session]]' 'name = "one"' 'spec = ""' \
    'harness = "echo work > one"' 'timeout = 60' '[merge]' 'target = "result"' >job.toml
# Scripts of its own, which take the commands from PATH.
mkdir bin && cp "$TOP"/bin-scripts/smelt* bin/
export PATH=$PWD/bin:$BIN:$PATH
for stage in collect review pr; do
    for death in 'kill -9 $$' 'printf %s "{\"v\":1,\"type\":\"bran"; kill -9 $$' 'exec /none'; do
        printf '#!/bin/sh\nsed "/\\"type\\":\\"sessions.finished\\"/q"\n%s\n' "$death" >bin/smelt-$stage && chmod 755 bin/smelt-$stage
        smelt run job.toml >log 2>said
        status=$?
        wanted=74 && case $death in printf*) wanted=65 ;; esac
        [ $status = $wanted ] || { echo "$stage, $death: $status" && cat log said && exit 1; }
        jq -e -s "map(select(.code == \"stage_died\" and .stage == \"$stage\")) | length == 1" log >/dev/null ||
            { echo "$stage, $death: it is not told" && cat log && exit 1; }
        ! git -C project rev-parse -q --verify result || exit 1
        rm bin/smelt-$stage
    done
done
# Also where who would say it is killed with it: then the recorder says that it was not told, unless a stage misses something.
for stages in pr 'review pr' 'collect review pr'; do
    for stage in $stages; do
        cat >"bin/smelt-$stage" <<'end' && chmod 755 "bin/smelt-$stage"
#!/bin/sh
sed '/"type":"sessions.finished"/q'
kill -9 $PPID
kill -9 $$
end
    done
    smelt run job.toml >log 2>said
    status=$?
    [ $status = 74 ] || { echo "$stages, and who would tell: $status" && cat log said && exit 1; }
    jq -e -s 'map(select(.code == "stage_died" and .stage == "runs" and (.message | test("ended without a word")))) | length == 1' log >/dev/null ||
        { echo "$stages, and who would tell: it is not told" && cat log && exit 1; }
    ! git -C project rev-parse -q --verify result || exit 1
    rm -f bin/smelt-collect bin/smelt-review bin/smelt-pr
done
smelt run job.toml >log 2>said && git -C project show result:one && ! grep -q stage.ended log

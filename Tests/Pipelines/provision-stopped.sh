#!/bin/sh
# INT and TERM while a commit is fetched: the git that fetches ends, the record says so, nothing stays.
set -eu
. "$TOP/Tests/Transcripts/environment.sh"
mkfifo never started
planned "ssh://nobody@example.invalid/repo" >plan
# An ssh that tells that it runs and then waits for something that does not come.
cat >ssh <<SH
#!/bin/sh
echo \$\$ >$PWD/started
read -r never <$PWD/never
SH
chmod +x ssh
for signal in INT TERM; do
    GIT_SSH_COMMAND=$PWD/ssh GIT_SSH_VARIANT=simple smelt-provision <plan >out 2>complaints &
    stage=$!
    read -r child <started
    kill -s $signal $stage
    status=0
    wait $stage || status=$?
    case $signal in INT) [ $status = 130 ] ;; TERM) [ $status = 143 ] ;; esac
    [ "$(tail -n 1 out | jq -r .code)" = cancelled ]
    # Ended with the group that git was started in.
    while kill -0 "$child" 2>/dev/null && ! grep -q '^State:.Z' "/proc/$child/status"; do :; done
done
[ ! -d "$SMELT_STATE_DIR/environments" ] || [ "$(ls -A "$SMELT_STATE_DIR/environments")" = .lock ]

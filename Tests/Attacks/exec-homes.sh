#!/bin/sh
# Homes are not there even where they lie in what is shown, as those of services do, nor is smelt's own state; what is
# granted in one is. And what nobody inside could reach needs no hiding.
# shellcheck disable=SC2016,SC2086,SC2154,SC2317
# shellcheck source=Tests/Attacks/common
. "$TOP/Tests/Attacks/common"

if [ "$(id -u)" != 0 ]; then echo "only root can put a home into /opt" && exit 77; fi
if [ "${1-}" != inside ]; then exec unshare --mount --propagation private "$0" inside; fi

attack() {
    mount -t tmpfs none /opt || harm "no mount"
    mkdir -p /opt/tool /opt/service/.ssh /opt/service/work /opt/state /opt/closed/inner
    echo tool >/opt/tool/file
    for file in service/.ssh/key service/work/file state/token closed/inner/key; do echo private >/opt/$file; done
    chmod -R go+rX /opt
    chmod 700 /opt/closed
    chown -R 65534:65534 /opt/service /opt/state
    export SMELT_STATE_DIR=/opt/state
    for HOME in /opt/service /opt/closed/inner; do
        export HOME
        cd /
        allowed -- cat /opt/tool/file
        refused -- cat /opt/state/token
        refused -- ls /opt/closed/inner/key
    done
    export HOME=/opt/service
    refused -- cat /opt/service/.ssh/key
    [ -z "$(sandbox -- ls -A /opt/service)" ] || harm "there is something in the home: $(sandbox -- ls -A /opt/service)"
    allowed --read-only /opt/service/work -- cat /opt/service/work/file
    refused --read-only /opt/service/work -- cat /opt/service/.ssh/key
    allowed --read-write /opt/service/work -- touch /opt/service/work/new
    [ -e /opt/service/work/new ] || harm "it was not written where it was granted"
    cd /opt/service/work || exit 1
    allowed -- cat file
    refused -- cat ../.ssh/key
    refused -- touch file
    cd /opt/service || exit 1
    refused -- cat .ssh/key
    cd /
    # Whatever variables say, programs are there.
    for HOME in / /usr /usr/bin /opt /etc /usr/lib; do HOME=$HOME allowed -- true; done
    umount /opt
}
attempt attack

# For tests that need a GitHub, to be sourced behind result.sh: `github RULE...` starts the fake (see
# Tests/FakeGitHub/server.py) and sets $forge; `wrongs` prints what client and fake did against the schema.

TOKEN=ghp_0123456789abcdefghijABCDEFGHIJ
export TOKEN
python=$TOP/.build/venv/bin/python
if [ ! -x "$python" ]; then
    echo "no $python: bin-scripts/setup --test makes it" >&2
    exit 1
fi

github() {
    git init -q --bare web/o/r.git
    git -C web/o/r.git config http.receivepack true
    git -C "$repo" push -q "$PWD/web/o/r.git" main
    mkfifo port
    "$python" "$TOP/Tests/FakeGitHub/server.py" "$PWD/web" "${served:-$TOKEN}" "$@" >port 2>fake.log &
    fake=$!
    trap 'kill $fake; wait $fake 2>fake.end' EXIT
    read -r port <port
    api=http://127.0.0.1:$port
    forge='{"provider":"github","repository":"o/r","tokenEnv":"TOKEN","apiURL":"'$api'","labels":['${labels-}'],"reviewers":['${reviewers-}']'${more-}'}'
}

# set_github JSON: changes what the fake knows.
set_github() {
    "$python" "$TOP/Tests/FakeGitHub/server.py" set "$port" "$1"
}

wrongs() {
    cat web/violations 2>/dev/null
    # Nothing that anybody reads later may have the token.
    grep -rlE 'ghp_0123456789|Z2hwXzAxMjM0NTY3' --include='out*' --include='complaint*' .
    :
}

# A word is the command smelt-WORD, beside the script or in PATH, with its arguments and its status.
mkdir bin; printf '#!/bin/sh\necho "$0 $*"; exit 5\n' >bin/smelt-hello; chmod +x bin/smelt-hello
PATH=$PWD/bin:$PATH; smelt hello a 'b  c'; echo "status $?"
mkdir 'a b'; ln -s "$TOP/bin-scripts/smelt" 'a b/s'; 'a b/s' list --human; 'a b/s' --version
smelt nonsense; echo "status $?"; smelt '../x'; echo "status $?"
>>>
{T}/bin/smelt-hello a b  c
status 5
No past runs.
smelt {any}
status 64
status 64
>>>2
smelt: there is no command 'nonsense'; smelt --help names them
smelt: there is no command '..?x'; smelt --help names them
---
# The chores of a checkout, which have names of the system's programs, do not take their place.
mkdir bin; printf '#!/bin/sh\ncommand -v install; command -v smelt-manifest\n' >bin/smelt-hello; chmod +x bin/smelt-hello
PATH=$PWD/bin:/usr/bin:/bin "$TOP/bin-scripts/smelt" hello | sed "s,$TOP/,,"
>>>
/usr/bin/install
bin-scripts/../.build/release/smelt-manifest

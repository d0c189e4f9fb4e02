# Whatever is left behind goes: depth, closed directories, odd names, links that lead out.
. "$TOP/Tests/Transcripts/environment.sh"
echo safe >outside
inside 'mkdir -p $(printf %01500d 0 | sed s,0,d/,g); echo x >kept
mkdir -p shut/in; echo x >shut/in/f; chmod 000 shut/in shut
ln -s '"$PWD"'/outside out; ln -s / root; mkfifo pipe; touch -- "-rf" "new
line"; mkdir .removed-1; touch .removed-2'
tail -n 1 all | jq -r .removed
ls -A "$SMELT_STATE_DIR/environments"
cat outside
>>>
true
.lock
safe
>>>2
smelt-provision: rescued uncollected work as 'refs/smelt/rescued/01k00000000000000000000000/work'

# A submodule is named, not fetched; neither is what Git LFS keeps elsewhere.
. "$TOP/Tests/Transcripts/environment.sh"
cd repo
git init -q part && git -C part commit -q --allow-empty -m part
git add part 2>/dev/null
printf '*.bin filter=lfs diff=lfs merge=lfs -text\n' >.gitattributes
printf 'version https://git-lfs.github.com/spec/v1\noid sha256:%064d\nsize 12345\n' 7 >large.bin
git add . && git commit -qm both
cd ..
planned | smelt-provision >out
jq -c '.warnings // empty' out
>>>
["1 submodule is empty in the workspace: 'part'","1 file is only a pointer to Git LFS in the workspace: 'large.bin'"]
>>>2
smelt-provision: warning: 1 submodule is empty in the workspace: 'part'
smelt-provision: warning: 1 file is only a pointer to Git LFS in the workspace: 'large.bin'

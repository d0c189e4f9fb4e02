# --dry-run is the plan for people; nothing is made but what reading needs.
git init -q . && git commit -q --allow-empty -m x; smelt init >/dev/null
smelt run --dry-run job-manifest.toml >plan; echo "status $?"; head -n 1 plan; ls -A
>>>
status 0
═══ Execution Plan ═══
.git
.gitconfig
job-manifest.toml
plan

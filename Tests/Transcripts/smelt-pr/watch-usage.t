# What watch does not know, it says.
smelt-pr watch 2>complaint; echo $?
smelt-pr watch nonsense 2>complaint; echo $?
smelt-pr watch 01k00000000000000000000000; echo $?
smelt-pr watch --job demo --runs nowhere; echo $?
smelt-pr watch 'file:///nowhere.git#1'; echo $?
>>>
64
64
66
66
66
>>>2
smelt-pr: there is no log of run '01k00000000000000000000000' in '{T}/.smelt/runs' or '{T}/.state/runs': name the directory with --runs
smelt-pr: there is no job 'demo' in '{T}/nowhere': name the directory with --runs
smelt-pr: there is no bare repository '/nowhere.git': make it with 'git init --bare /nowhere.git'

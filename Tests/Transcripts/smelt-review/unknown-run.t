# A run that nobody heard of, and one that is no run.
smelt-review show 01k00000000000000000000000; echo $?
smelt-review approve 01k00000000000000000000000; echo $?
smelt-review deny nonsense; echo $?
>>>
66
66
64
>>>2
smelt-review: there is no review of run '01k00000000000000000000000': 'smelt-review list' shows what waits
smelt-review: there is no review of run '01k00000000000000000000000': 'smelt-review list' shows what waits
smelt-review: 'nonsense' is no run id of 26 characters
*

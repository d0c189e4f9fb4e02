# Of many jobs that one is named which is wrong, and none is added.
for line in '{"argv":["a"],"priority":9999}' '{"argv":["a"],"retries":5000}' '{"argv":["a"],"every":"61 * * * *"}' \
    '{"argv":["a"],"every":"0 0 31 2 *"}' '{"argv":["a"],"after":["01k00000000000000000000000"]}' '{"argv":["a"],"backoffSeconds":0}' \
    '{"argv":["a"],"group":""}' '{"argv":["a"],"manifest":"b"}' '{"argv":["a\u0000b"]}' '{"argv":["a"],"admission":"drop"}'; do
    printf '%s\n' '{"argv":["true"]}' "" "$line" '{"argv":["true"]}' | smelt-queue add -
    echo $?
done
smelt-queue list
>>>
65
65
65
65
66
65
65
65
65
65
>>>2
smelt-queue: line 3 of standard input: priority 9999 is not from -1000 to 1000; nothing was added
smelt-queue: line 3 of standard input: 5000 retries are not from 0 to 1000; nothing was added
smelt-queue: line 3 of standard input: '61 * * * *' is no cron line: '61' are no minutes from 0 to 59, such as '0 3 * * mon-fri'; nothing was added
smelt-queue: line 3 of standard input: '0 0 31 2 *' names a day that never comes; nothing was added
smelt-queue: line 3 of standard input: there is no job '01k00000000000000000000000'; nothing was added
smelt-queue: line 3 of standard input: back-off, budget and time-out of a job must be positive; nothing was added
smelt-queue: line 3 of standard input: names of groups, slots, locks and keys have from 1 to 255 bytes; nothing was added
smelt-queue: line 3 of standard input: it has both 'argv' and 'manifest'; nothing was added
smelt-queue: line 3 of standard input: 'argv' has a zero byte in it, which no program can be given; nothing was added
smelt-queue: line 3 of standard input: 'admission' is about a slot: name it with 'slot'; nothing was added

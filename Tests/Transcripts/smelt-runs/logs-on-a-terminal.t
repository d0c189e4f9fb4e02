# A terminal is not at the mercy of what a session printed.
"$TOP/Tests/Transcripts/smelt-runs/given" '/from one/s/hi/\\u001b]0;title\\u0007\\u202e/' | smelt-runs record >/dev/null
script -qec 'smelt-runs logs -s one' /dev/null </dev/null | od -c | head -n 2
>>>
0000000   \   u   {   1   b   }   ]   0   ;   t   i   t   l   e   \   u
0000020   {   7   }   \   u   {   2   0   2   e   }       f   r   o   m

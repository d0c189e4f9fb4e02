# A schedule that was cancelled and is begun again goes on with its next time, in nobody's slot.
id=$(smelt-queue add --every '0 0 1 1 *' --slot s --admission replace -- a)
smelt-queue cancel $id
smelt-queue retry $id
smelt-queue add --slot s -- b >/dev/null
smelt-queue list --human | cut -c 29-
smelt-queue verify
>>>
STATE      GROUP    ATTEMPT  NAME
queued     default  0        b
scheduled  default  0        a

# Another program's file is refused, and stays as it is.
mkdir -m 700 .state
echo 'SQLite format 2, or so' >.state/smelt.db
smelt-queue add -- a; echo $?
smelt-queue list; echo $?
cat .state/smelt.db
>>>
78
78
SQLite format 2, or so
>>>2
smelt-queue: '{T}/.state/smelt.db' is no store of smelt's (it is no SQLite database): name another place in SMELT_STATE_DIR
smelt-queue: '{T}/.state/smelt.db' is no store of smelt's (it is no SQLite database): name another place in SMELT_STATE_DIR

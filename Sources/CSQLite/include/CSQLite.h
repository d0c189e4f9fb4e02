/* SQLite, and what Swift cannot call of it: functions with `...`, destructors that are numbers, and a look at a file
 * before SQLite itself looks. Results are SQLite's own codes. */
#pragma once

#include <sqlite3.h>
#include <stdint.h>

/* Opens the file and sets the connection up: no trusted schema, defensive, foreign keys, and no checkpoint at the
 * close, which also leaves the log of writes where it is. Nothing is read of the file, and nothing made beside it.
 * `flags` are SQLITE_OPEN_…. The connection is made also where this fails, to ask it why, unless memory was short. */
int csqlite_open(const char *_Nonnull path, int flags, sqlite3 *_Nullable *_Nonnull database);
/* The first `size` bytes of the main file, without a lock, and without a file made beside it: SQLITE_IOERR_SHORT_READ where
 * it has fewer, with the rest zeros. */
static const int csqlite_short_read = SQLITE_IOERR_SHORT_READ;
int csqlite_peek(sqlite3 *_Nonnull database, void *_Nonnull bytes, int size);
/* Waits for others about so many milliseconds, in steps that begin at a fifth of a millisecond, grow to five, and differ
 * from process to process. */
void csqlite_wait(sqlite3 *_Nonnull database, int milliseconds);
/* SQLITE_TRANSIENT: SQLite makes a copy. */
int csqlite_bind_text(sqlite3_stmt *_Nonnull statement, int index, const char *_Nonnull text, int size);
int csqlite_bind_blob(sqlite3_stmt *_Nonnull statement, int index, const void *_Nullable bytes, int size);
/* The errno of the last call that failed beneath SQLite. */
int csqlite_errno(sqlite3 *_Nonnull database);
/* Whether the log of writes has so many pages that are in force: the salt of the last is that of the log's head. */
int csqlite_log_has(sqlite3 *_Nonnull database, int pages);
/* Moves the log into the file, as far as nobody is in the way. The next who writes begins it anew, over the old one. */
void csqlite_move_log(sqlite3 *_Nonnull database);
/* SQLITE_FCNTL_DATA_VERSION: changes whenever anybody, this connection included, has committed. */
uint32_t csqlite_version(sqlite3 *_Nonnull database);

#include "CSQLite.h"

#include <fcntl.h>
#include <pthread.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static sqlite3_vfs *theirs, ours;

/* Whether the log was begun anew at least once: its count of that is in the head, and stands there only when somebody
 * has moved all of the log before, for which he synced it, and with it the directory. */
static int is_on_disk(const char *log) {
    unsigned char head[16];
    int file = open(log, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (file < 0) return 0;
    ssize_t size = pread(file, head, sizeof head, 0);
    close(file);
    return size == sizeof head && (head[12] | head[13] | head[14] | head[15]) != 0;
}

/* Who opens a log that he may have made syncs the directory, too, when he first writes: for a process that adds one job
 * that is half of its time. It need not be where the log has been on the disk for long. */
static int open_file(sqlite3_vfs *vfs, sqlite3_filename name, sqlite3_file *file, int flags, int *opened) {
    (void)vfs;
    if (flags & SQLITE_OPEN_WAL && name && is_on_disk(name)) flags &= ~SQLITE_OPEN_CREATE;
    return theirs->xOpen(theirs, name, file, flags, opened);
}

static void configure(void) {
    /* Counting every allocation takes a lock each time. Refused, and harmless, once SQLite runs. */
    sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
    theirs = sqlite3_vfs_find(NULL);
    if (!theirs) return;
    ours = *theirs;
    ours.zName = "smelt";
    ours.xOpen = open_file;
    sqlite3_vfs_register(&ours, 0);
}

int csqlite_open(const char *path, int flags, sqlite3 **database) {
    static pthread_once_t configured = PTHREAD_ONCE_INIT;
    pthread_once(&configured, configure);
    int result = sqlite3_open_v2(path, database, flags | SQLITE_OPEN_EXRESCODE, ours.zName);
    if (result != SQLITE_OK) return result;
    sqlite3_db_config(*database, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
    sqlite3_db_config(*database, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    sqlite3_db_config(*database, SQLITE_DBCONFIG_ENABLE_FKEY, 1, NULL);
    /* "Words" in double quotes are names, never text that was misspelt. */
    sqlite3_db_config(*database, SQLITE_DBCONFIG_DQS_DML, 0, NULL);
    sqlite3_db_config(*database, SQLITE_DBCONFIG_DQS_DDL, 0, NULL);
    /* A checkpoint at every close would be two more syncs for each process that adds one job. */
    sqlite3_db_config(*database, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
    return SQLITE_OK;
}

int csqlite_peek(sqlite3 *database, void *bytes, int size) {
    sqlite3_file *file = NULL;
    memset(bytes, 0, (size_t)size);
    int result = sqlite3_file_control(database, "main", SQLITE_FCNTL_FILE_POINTER, &file);
    if (result != SQLITE_OK) return result;
    if (!file || !file->pMethods) return SQLITE_IOERR_SHORT_READ;
    return file->pMethods->xRead(file, bytes, size, 0);
}

static int wait_again(void *context, int count) {
    /* The mean of a step is four milliseconds, with what the kernel adds. */
    if (count > (long)context / 4 + 5) return 0;
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    long step = count < 5 ? 200000L << count : 5000000L;
    /* The clock's last digits differ between processes enough that they do not wake up together. */
    step = step / 2 + now.tv_nsec % (step / 2 + 1);
    struct timespec pause = {.tv_sec = 0, .tv_nsec = step};
    nanosleep(&pause, NULL);
    return 1;
}

void csqlite_wait(sqlite3 *database, int milliseconds) {
    sqlite3_busy_handler(database, wait_again, (void *)(long)milliseconds);
}

int csqlite_bind_text(sqlite3_stmt *statement, int index, const char *text, int size) {
    return sqlite3_bind_text(statement, index, text, size, SQLITE_TRANSIENT);
}

int csqlite_bind_blob(sqlite3_stmt *statement, int index, const void *bytes, int size) {
    /* A null pointer would be NULL, not an empty blob. */
    return sqlite3_bind_blob(statement, index, bytes ? bytes : "", size, SQLITE_TRANSIENT);
}

int csqlite_errno(sqlite3 *database) { return sqlite3_system_errno(database); }

int csqlite_log_has(sqlite3 *database, int pages) {
    sqlite3_file *log = NULL;
    if (sqlite3_file_control(database, "main", SQLITE_FCNTL_JOURNAL_POINTER, &log) != SQLITE_OK) return 0;
    if (!log || !log->pMethods) return 0;
    unsigned char head[32], frame[24];
    if (log->pMethods->xRead(log, head, sizeof head, 0) != SQLITE_OK) return 0;
    /* https://www.sqlite.org/fileformat2.html#walformat: the page size, and two salts in the head and in each frame. */
    sqlite3_int64 size = (sqlite3_int64)head[8] << 24 | head[9] << 16 | head[10] << 8 | head[11];
    sqlite3_int64 at = (sqlite3_int64)sizeof head + (pages - 1) * (size + (sqlite3_int64)sizeof frame);
    if (log->pMethods->xRead(log, frame, sizeof frame, at) != SQLITE_OK) return 0;
    return memcmp(head + 16, frame + 8, 8) == 0;
}

void csqlite_move_log(sqlite3 *database) {
    sqlite3_wal_checkpoint_v2(database, NULL, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
}

uint32_t csqlite_version(sqlite3 *database) {
    unsigned version = 0;
    sqlite3_file_control(database, "main", SQLITE_FCNTL_DATA_VERSION, &version);
    return version;
}

/* Looks at what a session has on disk. */
#ifndef SMELT_LOOK_H
#define SMELT_LOOK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

enum look_flags {
    LOOK_MISSED = 1,   /* a directory was not where it had been seen a moment before */
    LOOK_TOO_DEEP = 2, /* one lies so deep that no path leads to it */
    LOOK_EVADED = 4,   /* something has another name whenever it is looked at, or there is too much to be looked at */
    LOOK_GOES_ON = 8   /* it is not done */
};

struct look {
    uint64_t bytes;  /* what has less than a block, if only a name, counts for one */
    uint64_t enough; /* when there is more, nothing else is looked at */
    uint32_t flags;
    uint64_t entries;
    void (*_Nonnull breathe)(void); /* called now and then */
};

/* Everything beneath a directory, and itself. */
void look_at(struct look *_Nonnull, const char *_Nonnull place);
/* Files that have no name any more and are held open by a process that can be seen. */
void look_at_deleted(struct look *_Nonnull);
/* One file: its blocks, once, however many names it has. */
void look_count(struct look *_Nonnull, const struct stat *_Nonnull);
/* What was counted is counted anew by the next look. */
void look_forget(void);
_Noreturn void give_up(const char *_Nonnull what, int error);

int watch(char *_Nullable *_Nonnull places);
int look_once(char *_Nullable *_Nonnull places);

#endif

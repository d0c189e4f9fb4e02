/* holder thread|own|many: has 30 MB in a file without a name where it must be looked for: in a thread whose process has lost
 * its first one, in one with descriptors of its own, or behind more of them than anybody looks at. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { MIB = 1 << 20, MANY = 1200000 };
static char zeros[MIB];
static int sharing;

static void hold(void) {
    int file = open(".", O_TMPFILE | O_WRONLY, 0600);
    for (int count = 0; count < 30; count++)
        if (write(file, zeros, MIB) != MIB) perror("write");
    while (1) pause();
}

static int first_lives(void) {
    char text[512] = "";
    int file = open("/proc/self/stat", O_RDONLY);
    if (read(file, text, sizeof text - 1) < 0) perror("read");
    close(file);
    return strncmp(strrchr(text, ')'), ") Z", 3) != 0;
}

static void *work(void *unused) {
    if (sharing) while (first_lives()) sched_yield();
    else if (unshare(CLONE_FILES) != 0) perror("unshare");
    hold();
    return unused;
}

static void have_many(void) {
    struct rlimit most;
    getrlimit(RLIMIT_NOFILE, &most);
    most.rlim_cur = most.rlim_max;
    setrlimit(RLIMIT_NOFILE, &most);
    int count = 3, ready[2];
    if (pipe(ready) != 0) perror("pipe");
    for (int all = 0; all < MANY; all += count) {
        if (fork() == 0) {
            while (dup(0) >= 0) {}
            if (write(ready[1], "", 1) != 1) perror("write");
            while (1) pause();
        }
        char word;
        if (read(ready[0], &word, 1) != 1) perror("read");
        count = most.rlim_max < MANY ? (int)most.rlim_max : MANY;
    }
    hold();
}

int main(int count, char **words) {
    if (count != 2) return 64;
    if (strcmp(words[1], "many") == 0) have_many();
    sharing = strcmp(words[1], "thread") == 0;
    pthread_t thread;
    if (pthread_create(&thread, NULL, work, NULL) != 0) return 71;
    if (sharing) syscall(SYS_exit, 0);
    pause();
}

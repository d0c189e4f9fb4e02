// Tries to make a file that must not be made, in ways that its tracer may not like: traced WAY FILE. Ends with 0 when the
// file could be opened to be written, and with 1 otherwise.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { THREADS = 60, CHILDREN = 60, ROUNDS = 5000 };

static const char *wanted;
static _Atomic bool made;
static char changing[4096];

static int make(const char *path) {
    int file = open(path, O_WRONLY | O_CREAT, 0644);
    if (file < 0) return 1;
    close(file);
    return 0;
}

static int finish(pid_t child) {
    int status;
    if (child < 0 || waitpid(child, &status, __WALL) < 0) return 1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}

static void *in_thread(void *unused) {
    (void)unused;
    if (make(wanted) == 0) made = true;
    return NULL;
}

static void *execute(void *words) {
    execv("/proc/self/exe", words);
    return NULL;
}

/// Another name where the kernel, or the tracer, reads one.
static void *change(void *unused) {
    (void)unused;
    for (unsigned round = 0; round < ROUNDS; round++) {
        strcpy(changing, "/tmp/harmless");
        strcpy(changing, wanted);
    }
    return NULL;
}

static int run(void *unused) {
    (void)unused;
    return make(wanted);
}

/// A filter of its own that gives opens that answer.
static void filter(unsigned answer) {
    struct sock_filter program[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_openat, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, answer),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog made_of = { sizeof program / sizeof *program, program };
    syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &made_of);
}

int main(int count, char **words) {
    if (count != 3) return 64;
    const char *way = words[1];
    wanted = words[2];
    static char stack[65536] __attribute__((aligned(16)));
    pthread_t threads[THREADS];

    if (strcmp(way, "blind") == 0) prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
    if (strcmp(way, "mute") == 0) signal(SIGTRAP, SIG_IGN);
    if (strcmp(way, "allow") == 0) filter(SECCOMP_RET_ALLOW);
    if (strcmp(way, "trace") == 0) filter(SECCOMP_RET_TRACE | 0x1234);
    if (strcmp(way, "kill") == 0) {
        kill(-1, SIGKILL);
        kill(1, SIGKILL);
    }
    if (strcmp(way, "vfork") == 0) {
        pid_t child = vfork();
        if (child == 0) _exit(make(wanted));
        return finish(child);
    }
    // The one flag with which a child is not traced as its parent is.
    if (strcmp(way, "untraced") == 0) {
        return finish(clone(run, stack + sizeof stack, CLONE_VM | CLONE_UNTRACED | SIGCHLD, NULL));
    }
    if (strcmp(way, "thread") == 0) {
        pthread_create(&threads[0], NULL, in_thread, NULL);
        pthread_join(threads[0], NULL);
        return !made;
    }
    if (strcmp(way, "execute") == 0) {
        char *again[] = { words[0], "plainly", words[2], NULL };
        pthread_create(&threads[0], NULL, execute, again);
        pause();
    }
    if (strcmp(way, "race") == 0) {
        pthread_create(&threads[0], NULL, change, NULL);
        for (unsigned round = 0; round < ROUNDS; round++) make(changing);
        pthread_join(threads[0], NULL);
        return access(wanted, F_OK) != 0;
    }
    if (strcmp(way, "storm") == 0) {
        for (int number = 0; number < THREADS; number++) pthread_create(&threads[number], NULL, in_thread, NULL);
        pid_t children[CHILDREN];
        for (int number = 0; number < CHILDREN; number++) {
            children[number] = fork();
            if (children[number] == 0) {
                char *again[] = { words[0], "plainly", words[2], NULL };
                execv("/proc/self/exe", again);
                _exit(1);
            }
        }
        for (int number = 0; number < CHILDREN; number++) {
            if (finish(children[number]) == 0) made = true;
        }
        for (int number = 0; number < THREADS; number++) pthread_join(threads[number], NULL);
        return !made;
    }
    return make(wanted);
}

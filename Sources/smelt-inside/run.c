#define _GNU_SOURCE
#include "inside.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <dirent.h>
#include <unistd.h>

extern char **environ;

/* Of everything that we or ours have reaped. */
static void times(uint64_t *user, uint64_t *system) {
    struct rusage used;
    getrusage(RUSAGE_CHILDREN, &used);
    *user = (uint64_t)used.ru_utime.tv_sec * 1000000 + (uint64_t)used.ru_utime.tv_usec;
    *system = (uint64_t)used.ru_stime.tv_sec * 1000000 + (uint64_t)used.ru_stime.tv_usec;
}

static char **take_list(struct reader *reader) {
    uint32_t count = take_number(reader);
    if (count > reader->left) {
        reader->bad = true;
        count = 0;
    }
    char **list = calloc((size_t)count + 1, sizeof *list);
    if (!list) _exit(70);
    for (uint32_t i = 0; i < count; i++) list[i] = take_text(reader);
    return list;
}

static void free_list(char **list) {
    for (char **one = list; *one; one++) free(*one);
    free(list);
}

static void put_end(struct buffer *answers, uint32_t how, uint32_t value, const uint64_t *figures) {
    unsigned char bytes[8 + 4 * 8];
    for (int i = 0; i < 4; i++) {
        bytes[i] = how >> 8 * i & 255;
        bytes[4 + i] = value >> 8 * i & 255;
    }
    for (int i = 0; i < 4 * 8; i++) bytes[8 + i] = figures[i / 8] >> 8 * (i % 8) & 255;
    put_frame(answers, FRAME_ENDED, bytes, sizeof bytes);
}

/* What the child says when it did not come to its command. */
struct trouble {
    uint32_t how;
    int error;
};

static _Noreturn void become(
    const char *directory, const char *input, char **arguments, char **variables, int output, int errors, int report) {
    struct trouble trouble = {ENDED_NOT_STARTED, 0};
    /* A group and a session of its own: what stops it stops all that it has started in it. */
    setsid();
    for (int number = 1; number < 65; number++) signal(number, SIG_DFL);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    umask(022);
    if (chdir(directory) != 0) {
        trouble = (struct trouble){ENDED_NO_DIRECTORY, errno};
    } else {
        int reading = open(*input ? input : "/dev/null", O_RDONLY | O_NOCTTY);
        if (reading < 0) {
            trouble = (struct trouble){ENDED_NO_INPUT, errno};
        } else {
            dup2(reading, 0);
            dup2(output, 1);
            dup2(errors, 2);
            if (reading > 2) close(reading);
            environ = variables;
            execvp(arguments[0], arguments);
            trouble.error = errno;
        }
    }
    if (write(report, &trouble, sizeof trouble) < 0) _exit(71);
    _exit(127);
}

void run_start(struct run *run, struct reader *reader, struct buffer *answers) {
    static const uint64_t nothing[4];
    char *directory = take_text(reader), *input = take_text(reader);
    char **arguments = take_list(reader), **variables = take_list(reader);
    struct trouble trouble = {ENDED_NOT_STARTED, EINVAL};
    int output[2] = {-1, -1}, errors[2] = {-1, -1}, report[2] = {-1, -1};
    pid_t child = -1;
    if (!reader->bad && arguments[0]) {
        times(&run->user, &run->system);
        run->oom_kills = group_oom_kills();
        if (pipe2(output, O_CLOEXEC) == 0 && pipe2(errors, O_CLOEXEC) == 0 && pipe2(report, O_CLOEXEC) == 0)
            child = fork();
        trouble.error = errno;
        if (child == 0) become(directory, input, arguments, variables, output[1], errors[1], report[1]);
        if (output[1] >= 0) close(output[1]);
        if (errors[1] >= 0) close(errors[1]);
        if (report[1] >= 0) close(report[1]);
        if (child > 0) {
            ssize_t count;
            do count = read(report[0], &trouble, sizeof trouble); while (count < 0 && errno == EINTR);
            if (count == sizeof trouble) {
                while (waitpid(child, NULL, 0) < 0 && errno == EINTR) {}
                child = -1;
            }
        }
        if (report[0] >= 0) close(report[0]);
    }
    free(directory);
    free(input);
    free_list(arguments);
    free_list(variables);
    if (child < 0) {
        if (output[0] >= 0) close(output[0]);
        if (errors[0] >= 0) close(errors[0]);
        relay_shut();
        put_end(answers, trouble.how, (uint32_t)trouble.error, nothing);
        return;
    }
    run->pid = child;
    run->output = output[0];
    run->errors = errors[0];
    run->over = false;
    fcntl(run->output, F_SETFL, O_NONBLOCK);
    fcntl(run->errors, F_SETFL, O_NONBLOCK);
}

/* As the first process we reap everybody; else what has lost its parent comes to us, too, as the subreaper. */
void run_reap(struct run *run) {
    int status;
    pid_t pid;
    while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
        if (pid == run->pid && !run->over) {
            run->over = true;
            run->status = status;
        }
    }
}

/* Kills whoever is a child of ours; in our caller's loop their children become ours. */
static void kill_children(void) {
    DIR *processes = opendir("/proc");
    if (!processes) return;
    struct dirent *entry;
    while ((entry = readdir(processes))) {
        int pid = atoi(entry->d_name);
        if (pid <= 1) continue;
        char path[64], text[512];
        snprintf(path, sizeof path, "/proc/%d/stat", pid);
        int file = open(path, O_RDONLY | O_CLOEXEC);
        if (file < 0) continue;
        ssize_t count = read(file, text, sizeof text - 1);
        close(file);
        if (count <= 0) continue;
        text[count] = 0;
        /* The name, in parentheses, may hold anything. */
        char *end = strrchr(text, ')');
        char state;
        int parent;
        if (end && sscanf(end + 1, " %c %d", &state, &parent) == 2 && parent == getpid()) kill(pid, SIGKILL);
    }
    closedir(processes);
}

void run_kill_all(void) {
    while (true) {
        if (getpid() == 1) kill(-1, SIGKILL); else kill_children();
        /* Only what is there and lives on comes back here: a fork that was under way. */
        pid_t pid;
        while ((pid = waitpid(-1, NULL, WNOHANG)) > 0) {}
        if (pid < 0 && errno == ECHILD) return;
        if (pid == 0) {
            sigset_t waited;
            sigemptyset(&waited);
            sigaddset(&waited, SIGCHLD);
            struct timespec moment = {0, 10000000};
            sigtimedwait(&waited, NULL, &moment);
        }
    }
}

void run_tell_end(struct run *run, struct buffer *answers) {
    uint64_t figures[4];
    times(&figures[0], &figures[1]);
    figures[0] -= run->user;
    figures[1] -= run->system;
    /* Else the container had others before. */
    figures[2] = getpid() == 1 ? group_peak_bytes() : 0;
    figures[3] = group_oom_kills() - run->oom_kills;
    bool killed = WIFSIGNALED(run->status);
    put_end(
        answers, killed ? ENDED_KILLED : ENDED_EXITED,
        (uint32_t)(killed ? WTERMSIG(run->status) : WEXITSTATUS(run->status)), figures);
    run->pid = 0;
}

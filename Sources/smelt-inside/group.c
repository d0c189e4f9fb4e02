#include "inside.h"
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* The number behind `word` in a file, or the first where the word is empty; 0 where there is none. */
static uint64_t figure(const char *path, const char *word) {
    char text[4096];
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0) return 0;
    ssize_t count = read(file, text, sizeof text - 1);
    close(file);
    if (count <= 0) return 0;
    text[count] = 0;
    size_t length = strlen(word);
    for (char *line = text; line && *line; line = strchr(line, '\n'), line = line ? line + 1 : NULL)
        if (strncmp(line, word, length) == 0 && (length == 0 || line[length] == ' '))
            return strtoull(line + length, NULL, 10);
    return 0;
}

/* The engine shows a container its own control group, of either version. */
uint64_t group_oom_kills(void) {
    uint64_t kills = figure("/sys/fs/cgroup/memory.events", "oom_kill");
    return kills ? kills : figure("/sys/fs/cgroup/memory/memory.oom_control", "oom_kill");
}

uint64_t group_peak_bytes(void) {
    uint64_t peak = figure("/sys/fs/cgroup/memory.peak", "");
    return peak ? peak : figure("/sys/fs/cgroup/memory/memory.max_usage_in_bytes", "");
}

/* A first process that only buries the dead, until it is asked to go. */
_Noreturn void hold(void) {
    sigset_t waited;
    sigemptyset(&waited);
    sigaddset(&waited, SIGCHLD);
    sigaddset(&waited, SIGTERM);
    sigaddset(&waited, SIGINT);
    sigprocmask(SIG_BLOCK, &waited, NULL);
    while (true) {
        int number = 0;
        sigwait(&waited, &number);
        if (number != SIGCHLD) _exit(0);
        while (waitpid(-1, NULL, WNOHANG) > 0) {}
    }
}

#include "inside.h"
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
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

static uint64_t limit(const char *path) {
    char text[32];
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0) return 0;
    ssize_t count = read(file, text, sizeof text - 1);
    close(file);
    if (count <= 0) return 0;
    text[count] = 0;
    /* Version 1 says it with a number that is almost as large as there are. */
    uint64_t value = strncmp(text, "max", 3) == 0 ? UINT64_MAX : strtoull(text, NULL, 10);
    return value >= UINT64_C(1) << 62 ? UINT64_MAX : value;
}

uint64_t group_memory_limit(void) {
    uint64_t value = limit("/sys/fs/cgroup/memory.max");
    return value ? value : limit("/sys/fs/cgroup/memory/memory.limit_in_bytes");
}

uint64_t group_processes_limit(void) {
    uint64_t value = limit("/sys/fs/cgroup/pids.max");
    return value ? value : limit("/sys/fs/cgroup/pids/pids.max");
}

uint32_t own_walls(void) {
    uint32_t walls = 0;
    char text[8192];
    int file = open("/proc/self/status", O_RDONLY | O_CLOEXEC);
    if (file < 0) return 0;
    ssize_t count = read(file, text, sizeof text - 1);
    close(file);
    if (count <= 0) return 0;
    text[count] = 0;
    if (strstr(text, "\nSeccomp:\t2")) walls |= WALL_FILTER;
    if (strstr(text, "\nNoNewPrivs:\t1")) walls |= WALL_NO_PRIVILEGES;
    const char *none = "0000000000000000";
    const char *sets[] = {"\nCapInh:\t", "\nCapPrm:\t", "\nCapEff:\t", "\nCapBnd:\t", "\nCapAmb:\t"};
    bool bare = true;
    for (size_t i = 0; i < sizeof sets / sizeof sets[0]; i++) {
        const char *at = strstr(text, sets[i]);
        bare = bare && at && strncmp(at + strlen(sets[i]), none, strlen(none)) == 0;
    }
    if (bare) walls |= WALL_NO_CAPABILITIES;
    struct statvfs root;
    if (statvfs("/", &root) == 0 && root.f_flag & ST_RDONLY) walls |= WALL_READ_ONLY;
    return walls;
}

uint64_t group_peak_bytes(void) {
    uint64_t peak = figure("/sys/fs/cgroup/memory.peak", "");
    return peak ? peak : figure("/sys/fs/cgroup/memory/memory.max_usage_in_bytes", "");
}

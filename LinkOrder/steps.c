// steps COMMAND [ARGUMENT]...: the addresses below 32 MiB that a command executes, each once, in the order of their first
// use, in hexadecimal on descriptor 3. It steps through the command and what it forks, up to their exec, so it is slow.
#define _GNU_SOURCE
#include <signal.h>
#include <stdio.h>
#include <sys/ptrace.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

static unsigned char seen[32 << 20];

int main(int count, char **words) {
    if (count < 2) return 64;
    pid_t first = fork();
    if (first == 0) {
        ptrace(PTRACE_TRACEME, 0, 0, 0);
        execvp(words[1], words + 1);
        _exit(127);
    }
    FILE *list = fdopen(3, "w");
    int status;
    if (first < 0 || !list || waitpid(first, &status, 0) != first || !WIFSTOPPED(status)) return 71;
    long options = PTRACE_O_TRACECLONE | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACEEXEC | PTRACE_O_EXITKILL;
    if (ptrace(PTRACE_SETOPTIONS, first, 0, options) != 0) return 71;
    ptrace(PTRACE_SINGLESTEP, first, 0, 0);
    pid_t stopped;
    while ((stopped = waitpid(-1, &status, __WALL)) > 0) {
        if (!WIFSTOPPED(status)) {
            if (stopped == first) break;
            continue;
        }
        if (status >> 16 == PTRACE_EVENT_EXEC) {
            ptrace(PTRACE_DETACH, stopped, 0, 0);
            continue;
        }
        struct user_regs_struct registers;
        ptrace(PTRACE_GETREGS, stopped, 0, &registers);
        if (registers.rip < sizeof seen && !seen[registers.rip]) {
            seen[registers.rip] = 1;
            fprintf(list, "%llx\n", registers.rip);
        }
        int signal = WSTOPSIG(status);
        ptrace(PTRACE_SINGLESTEP, stopped, 0, signal == SIGTRAP || signal == SIGSTOP ? 0 : signal);
    }
    return fclose(list) == 0 && WIFEXITED(status) ? WEXITSTATUS(status) : 70;
}

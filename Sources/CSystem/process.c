#define _GNU_SOURCE
#include "CSystem.h"

#include <errno.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <unistd.h>

int system_process_handle(pid_t process) { return (int)syscall(SYS_pidfd_open, process, 0); }

int system_process_signal(int handle, int number) {
    return (int)syscall(SYS_pidfd_send_signal, handle, number, NULL, 0);
}

int system_signals(const int *numbers, int count) {
    sigset_t set;
    sigemptyset(&set);
    for (int index = 0; index < count; index++) sigaddset(&set, numbers[index]);
    if (sigprocmask(SIG_BLOCK, &set, NULL) != 0) return -1;
    return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

int system_clock_watch(void) {
    int watch = timerfd_create(CLOCK_REALTIME, TFD_CLOEXEC | TFD_NONBLOCK);
    if (watch < 0) return -1;
    // Never due: all that it can tell is that the clock was set.
    struct itimerspec never = {.it_value = {.tv_sec = 1L << 36}};
    if (timerfd_settime(watch, TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, &never, NULL) == 0) return watch;
    int saved = errno;
    close(watch);
    errno = saved;
    return -1;
}

int system_clock_was_set(int watch) {
    uint64_t times;
    return read(watch, &times, sizeof times) < 0 && errno == ECANCELED;
}

int system_next_signal(int descriptor) {
    struct signalfd_siginfo info;
    ssize_t count;
    do {
        count = read(descriptor, &info, sizeof info);
    } while (count < 0 && errno == EINTR);
    return count == sizeof info ? (int)info.ssi_signo : 0;
}

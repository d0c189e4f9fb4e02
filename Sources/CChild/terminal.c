// A terminal of the sandbox's own: made by its own devpts, so that it has a name inside, and looked after from outside
// through a descriptor that is handed out. The caller's terminal is never inside.

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include "internal.h"

void terminal_make(struct stage *stage) {
    int socket = stage->child->terminal, unlocked = 0;
    if (socket < 0) return;

    int outer = open_beneath(AT_FDCWD, "/dev/pts/ptmx", O_RDWR | O_NOCTTY);
    if (outer < 0 || ioctl(outer, TIOCSPTLCK, &unlocked) != 0) stage_fail(stage, CHILD_STEP_TERMINAL);
    // By its descriptor: a name could be another's.
    int inner = ioctl(outer, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (inner < 0 || ioctl(inner, TIOCSWINSZ, &stage->child->window) != 0 || !hand_over(socket, &outer, 1)) {
        stage_fail(stage, CHILD_STEP_TERMINAL);
    }
    close(outer);
    close(socket);
    for (int number = 0; number < 3; number++) stage->stdio[number] = inner;
}

void terminal_take(struct stage *stage) {
    if (stage->child->terminal >= 0 && ioctl(0, TIOCSCTTY, 0) != 0) stage_fail(stage, CHILD_STEP_TERMINAL);
}

/* mover NAME: gives a file or a directory one name after another, as fast as it can. */
#include <stdio.h>

int main(int count, char **words) {
    if (count != 2) return 64;
    char now[32], next[32];
    snprintf(now, sizeof now, "%s", words[1]);
    for (unsigned number = 0;; number = (number + 1) % 1000) {
        snprintf(next, sizeof next, "name-%u", number);
        if (rename(now, next) != 0) return perror(next), 1;
        snprintf(now, sizeof now, "%s", next);
    }
}

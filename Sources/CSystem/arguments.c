/* The words of the command line, as the C library's start hands them to constructors. Swift reads them from /proc, and
 * has none where that fails: a command would do what it does without any. */
#include "CSystem.h"

#include <stddef.h>

static int count;
static char **words;

__attribute__((constructor)) static void keep(int given, char **vector) {
    count = given;
    words = vector;
}

const char *system_argument(int index) { return index >= 0 && index < count ? words[index] : NULL; }

#include "inside.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <dirent.h>
#include <unistd.h>

void buffer_add(struct buffer *buffer, const void *bytes, size_t count) {
    if (buffer->start > 0 && buffer->end + count > buffer->room) {
        memmove(buffer->bytes, buffer->bytes + buffer->start, buffer_count(buffer));
        buffer->end -= buffer->start;
        buffer->start = 0;
    }
    if (buffer->end + count > buffer->room) {
        size_t room = (buffer->end + count) * 2;
        unsigned char *grown = realloc(buffer->bytes, room);
        if (!grown) _exit(70);
        buffer->bytes = grown;
        buffer->room = room;
    }
    memcpy(buffer->bytes + buffer->end, bytes, count);
    buffer->end += count;
}

void buffer_drop(struct buffer *buffer, size_t count) {
    buffer->start += count;
    if (buffer->start == buffer->end) buffer->start = buffer->end = 0;
    /* The memory of something large counts against the session's limit. */
    if (buffer->end == 0 && buffer->room > 4 * CHUNK) {
        free(buffer->bytes);
        *buffer = (struct buffer){0};
    }
}

void put_frame(struct buffer *buffer, enum frame kind, const void *bytes, size_t count) {
    unsigned char head[5] = {(unsigned char)kind, count & 255, count >> 8 & 255, count >> 16 & 255, count >> 24 & 255};
    buffer_add(buffer, head, sizeof head);
    if (count > 0) buffer_add(buffer, bytes, count);
}

void refuse(struct buffer *answers, const char *what, const char *object, int error) {
    char text[512];
    int count = snprintf(text, sizeof text, "could not %s '%.300s': %s", what, object, strerror(error));
    put_frame(answers, FRAME_REFUSED, text, count < (int)sizeof text ? (size_t)count : sizeof text - 1);
}

uint32_t take_number(struct reader *reader) {
    if (reader->left < 4) {
        reader->bad = true;
        return 0;
    }
    const unsigned char *at = reader->at;
    reader->at += 4;
    reader->left -= 4;
    return at[0] | at[1] << 8 | at[2] << 16 | (uint32_t)at[3] << 24;
}

char *take_text(struct reader *reader) {
    uint32_t count = take_number(reader);
    if (count > reader->left) {
        reader->bad = true;
        count = 0;
    }
    char *text = malloc((size_t)count + 1);
    if (!text) _exit(70);
    memcpy(text, reader->at, count);
    text[count] = 0;
    reader->at += count;
    reader->left -= count;
    return text;
}

static bool write_all(int file, const unsigned char *at, size_t left) {
    while (left > 0) {
        ssize_t count = write(file, at, left);
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) return false;
        at += count;
        left -= (size_t)count;
    }
    return true;
}

/* Beside its place and renamed: whoever looks at the same time sees all of it or nothing. */
void write_file(struct reader *reader, struct buffer *answers) {
    uint32_t mode = take_number(reader);
    char *path = take_text(reader);
    char building[4096];
    int length = snprintf(building, sizeof building, "%s.new", path);
    int error = EINVAL;
    if (!reader->bad && length < (int)sizeof building) {
        unlink(building);
        int file = open(building, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
        bool done = file >= 0 && write_all(file, reader->at, reader->left) && fchmod(file, (mode_t)(mode & 07777)) == 0 &&
                    rename(building, path) == 0;
        error = done ? 0 : errno;
        if (file >= 0) close(file);
        if (!done) unlink(building);
    }
    if (error) refuse(answers, "write", path, error);
    free(path);
}

void remove_path(struct reader *reader) {
    char path[4096];
    if (reader->left >= sizeof path) return;
    memcpy(path, reader->at, reader->left);
    path[reader->left] = 0;
    if (unlink(path) == 0) return;
    DIR *directory = opendir(path);
    if (!directory) return;
    struct dirent *entry;
    while ((entry = readdir(directory))) unlinkat(dirfd(directory), entry->d_name, 0);
    closedir(directory);
}

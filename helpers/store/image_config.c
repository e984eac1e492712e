#include "store/image_config.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fail.h"

/* What follows `key` in the line, or NULL if that is not its key. */
static const char *after(const char *line, const char *key) {
    size_t n = strlen(key);
    return strncmp(line, key, n) == 0 ? line + n : NULL;
}

static const char **list_of(const char *text, size_t length, const char *key) {
    const char *end = text + length, *stop;
    size_t lines = 0, count = 0;
    for (size_t i = 0; i < length; i++)
        lines += !text[i];
    const char **list = must_allocate(lines + 1, sizeof *list);
    /* What has no NUL at its end was cut, and could mean anything. */
    for (const char *line = text; (stop = memchr(line, 0, (size_t)(end - line))); line = stop + 1) {
        const char *value = after(line, key);
        if (value)
            list[count++] = value;
    }
    return list;
}

static const char *last_of(const char *text, size_t length, const char *key) {
    const char **list = list_of(text, length, key), *last = NULL;
    for (const char **at = list; *at; at++)
        last = **at ? *at : NULL; /* an empty one is as good as none */
    free(list);
    return last;
}

struct runconf runconf_parse(const char *text, size_t length) {
    return (struct runconf){
        .user = last_of(text, length, "User="),
        .hostname = last_of(text, length, "Hostname="),
        .directory = last_of(text, length, "WorkingDir="),
        .environment = list_of(text, length, "Env="),
        .volumes = list_of(text, length, "Volume="),
        .entrypoint = list_of(text, length, "Entrypoint="),
        .cmd = list_of(text, length, "Cmd="),
    };
}

struct runconf runconf_of(const int *layers, int count) {
    static const char path[] = "../../_meta/run.conf"; /* from LAYER/_data/root */
    int fd = -1;
    struct stat st;
    /* Most have none, and to open what is not there takes twice as long as to look. */
    for (int i = 0; i < count && fd < 0; i++)
        if (fstatat(layers[i], path, &st, AT_SYMLINK_NOFOLLOW) == 0)
            fd = openat(layers[i], path, O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC);
    ssize_t length = 0;
    char *text = NULL;
    if (fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size <= 1 << 20) {
        text = must_allocate((size_t)st.st_size + 1, 1);
        length = read(fd, text, (size_t)st.st_size);
    }
    if (fd >= 0)
        close(fd);
    return runconf_parse(text ? text : "", length > 0 ? (size_t)length : 0);
}

const char *runconf_variable(const struct runconf *c, const char *name) {
    const char *found = NULL;
    size_t n = strlen(name);
    for (const char **e = c->environment; *e; e++)
        if (!strncmp(*e, name, n) && (*e)[n] == '=')
            found = *e + n + 1;
    return found;
}

#include "environment.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "must.h"

static const char *const usual_path =
    "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/* Whether `name`, of this length, is a word of the colon separated list. */
static bool listed(const char *list, const char *name, size_t length) {
    while (list && *list) {
        size_t n = strcspn(list, ":");
        if (n == length && !strncmp(list, name, n))
            return true;
        list += n + (list[n] == ':');
    }
    return false;
}

char **environment_inside(const char *path) {
    const char *exported = getenv("PLASH_EXPORT");
    size_t count = 0;
    while (environ[count])
        count++;
    char **inside = must_allocate(2 * count + 2, sizeof *inside);
    size_t n = 0;
    bool has_path = false;
    for (size_t i = 0; i < count; i++) {
        size_t length = strcspn(environ[i], "=");
        if (environ[i][length] != '=')
            continue;
        inside[n++] = must_print("_HOST_%s", environ[i]);
        bool asked = listed(exported, environ[i], length);
        if (asked || listed("TERM:DISPLAY:PLASH_DATA:HOME", environ[i], length)) {
            inside[n++] = environ[i];
            has_path |= length == 4 && !strncmp(environ[i], "PATH", 4);
        }
    }
    if (!has_path)
        inside[n++] = must_print("PATH=%s", path);
    return inside;
}

const char *path_inside(int fd) {
    FILE *file = fd < 0 ? NULL : fdopen(fd, "r");
    if (!file)
        return usual_path;
    char *line = NULL, *found = NULL;
    size_t room = 0;
    while (getline(&line, &room, file) > 0) {
        /* pam_env's format: NAME=VALUE, `export` before and quotes around allowed. */
        char *at = line + strspn(line, " \t");
        if (!strncmp(at, "export ", 7))
            at += 7 + strspn(at + 7, " \t");
        if (strncmp(at, "PATH=", 5) != 0)
            continue;
        at += 5;
        at[strcspn(at, "\n")] = 0;
        if (*at == '"' || *at == '\'') {
            at++;
            at[strcspn(at, "\"'")] = 0;
        }
        if (*at) {
            free(found);
            found = must_copy(at);
        }
    }
    free(line);
    fclose(file);
    return found ? found : usual_path;
}

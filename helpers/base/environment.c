#include "base/environment.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fail.h"

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

char **environment_inside(const char *path, const char *home) {
    const char *exported = getenv("PLASH_EXPORT");
    size_t count = 0;
    while (environ[count])
        count++;
    char **inside = must_allocate(2 * count + 4, sizeof *inside);
    size_t n = 0;
    bool has_path = false, has_place = false;
    for (size_t i = 0; i < count; i++) {
        size_t length = strcspn(environ[i], "=");
        if (environ[i][length] != '=')
            continue;
        inside[n++] = must_print("_HOST_%s", environ[i]);
        bool asked = listed(exported, environ[i], length);
        bool is_home = !strncmp(environ[i], "HOME=", 5);
        if (is_home ? !home : asked || listed("TERM:DISPLAY:PLASH_DATA", environ[i], length)) {
            inside[n++] = environ[i];
            has_path |= !strncmp(environ[i], "PATH=", 5);
            has_place |= !strncmp(environ[i], "PWD=", 4);
        }
    }
    if (!has_path)
        inside[n++] = must_print("PATH=%s", path);
    if (home)
        inside[n++] = must_print("HOME=%s", home);
    const char *place = has_place ? NULL : getcwd(NULL, 0);
    if (place)
        inside[n++] = must_print("PWD=%s", place);
    return inside;
}

/* The later one of two with the same name counts. */
static void set(char **list, const char *variable) {
    size_t n = strcspn(variable, "=");
    if (n == 0 || variable[n] != '=')
        return;
    while (*list && strncmp(*list, variable, n + 1) != 0)
        list++;
    *list = must_copy(variable);
}

char **environment_isolated(const char *path, const char *home, const char *hostname,
                            const char *const *wishes, const char *const *asked, int count) {
    size_t most = 4 + (size_t)count;
    for (const char *const *wish = wishes; *wish; wish++)
        most++;
    char **inside = must_allocate(most + 1, sizeof *inside);
    set(inside, must_print("PATH=%s", path));
    set(inside, must_print("HOME=%s", home));
    set(inside, must_print("HOSTNAME=%s", hostname));
    const char *terminal = getenv("TERM");
    if (terminal)
        set(inside, must_print("TERM=%s", terminal));
    for (; *wishes; wishes++)
        set(inside, *wishes);
    for (int i = 0; i < count; i++) {
        const char *callers = strchr(asked[i], '=') ? NULL : getenv(asked[i]);
        set(inside, callers ? must_print("%s=%s", asked[i], callers) : asked[i]);
    }
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

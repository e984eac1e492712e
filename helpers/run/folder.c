#include "run/folder.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fail.h"
#include "base/json_reader.h"

/* A config.json, for errors, and the object in it. */
struct config {
    const char *path;
    const struct json_value *all;
};

static _Noreturn void refuse_value(const struct config *c, const char *name, const char *wanted) {
    fail((struct failure){.step = "read",
                          .thing = c->path,
                          .reason = must_print("%s is not %s", name, wanted),
                          .remedy = "Edit that file"});
}

static struct config config_of(const char *folder) {
    enum { MOST = 1 << 20 };
    struct config c = {.path = must_print("%s/config.json", folder)};
    struct stat st;
    int fd = must(open(c.path, O_RDONLY | O_NONBLOCK | O_CLOEXEC), "read", c.path);
    must(fstat(fd, &st), "read", c.path);
    if (!S_ISREG(st.st_mode) || st.st_size > MOST)
        refuse_value(&c, "it", "a file of at most 1 MiB");
    char *text = must_allocate((size_t)st.st_size + 1, 1);
    must((int)read(fd, text, (size_t)st.st_size), "read", c.path);
    close(fd);
    c.all = json_read(text);
    if (!c.all || (c.all->kind != JSON_OBJECT && c.all->kind != JSON_NULL))
        refuse_value(&c, "it", "a JSON object");
    return c;
}

static const char *text_of(const struct config *c, const char *name) {
    const struct json_value *v = json_member(c->all, name);
    if (v && v->kind != JSON_STRING)
        refuse_value(c, name, "a string");
    return v && *v->text ? v->text : NULL; /* an empty one is as good as none */
}

static bool flag_of(const struct config *c, const char *name) {
    const struct json_value *v = json_member(c->all, name);
    if (v && v->kind != JSON_TRUE && v->kind != JSON_FALSE)
        refuse_value(c, name, "true or false");
    return v && v->kind == JSON_TRUE;
}

/* The strings of a list, or the names of an object. */
static const char **words_of(const struct config *c, const char *name, enum json_kind kind,
                             int *count) {
    const struct json_value *v = json_member(c->all, name);
    if (v && v->kind != kind)
        refuse_value(c, name, kind == JSON_LIST ? "a list of strings" : "an object");
    int n = 0;
    for (const struct json_value *w = v ? v->first : NULL; w; w = w->next)
        n++;
    const char **words = must_allocate((size_t)n + 1, sizeof *words);
    *count = n;
    n = 0;
    for (const struct json_value *w = v ? v->first : NULL; w; w = w->next) {
        if (kind == JSON_LIST && w->kind != JSON_STRING)
            refuse_value(c, name, "a list of strings");
        words[n++] = kind == JSON_LIST ? w->text : w->name;
    }
    return words;
}

struct folder folder_at(const char *path) {
    struct folder f = {.path = must_have(realpath(operand_path(path), NULL), "run", path)};
    const char *rootfs = must_print("%s/rootfs", f.path);
    f.rootfs = must_have(realpath(rootfs, NULL), "run", rootfs);
    struct config c = config_of(f.path);
    int count;
    f.conf = (struct runconf){.user = text_of(&c, "User"),
                              .hostname = text_of(&c, "Hostname"),
                              .directory = text_of(&c, "WorkingDir"),
                              .environment = words_of(&c, "Env", JSON_LIST, &count),
                              .volumes = must_allocate(1, sizeof(char *)),
                              .entrypoint = words_of(&c, "Entrypoint", JSON_LIST, &count),
                              .cmd = words_of(&c, "Cmd", JSON_LIST, &count)};
    f.volumes.words = words_of(&c, "Volumes", JSON_OBJECT, &f.volumes.count);
    f.network = flag_of(&c, "net");
    f.writable = flag_of(&c, "rw");
    return f;
}

#include "mount/mountinfo.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fail.h"

/* Space, tab, newline and backslash come as \040 and so on. */
static char *unescape(char *text) {
    char *to = text;
    for (const char *from = text; *from; to++) {
        if (from[0] == '\\' && from[1] >= '0' && from[1] <= '3' && from[2] >= '0' &&
            from[2] <= '7' && from[3] >= '0' && from[3] <= '7') {
            *to = (char)((from[1] - '0') * 64 + (from[2] - '0') * 8 + (from[3] - '0'));
            from += 4;
        } else {
            *to = *from++;
        }
    }
    *to = 0;
    return text;
}

/* 36 35 98:0 /root /place rw,noatime master:1 - type source options */
bool mount_parse(char *line, struct mounted *m) {
    char *word[5], *rest = line;
    for (int i = 0; i < 5; i++)
        if (!(word[i] = strsep(&rest, " ")))
            return false;
    char *after = rest ? strstr(rest, " - ") : NULL;
    if (!after)
        return false;
    after += 3;
    m->id = atoi(word[0]);
    m->parent = atoi(word[1]);
    m->device = word[2];
    m->root = unescape(word[3]);
    m->place = unescape(word[4]);
    m->type = strsep(&after, " ");
    m->source = strsep(&after, " ");
    m->options = strsep(&after, "\n");
    if (!m->options)
        return false;
    unescape(m->source);
    unescape(m->options);
    return true;
}

/* The first mount that `wanted` says yes to; what it points to is the caller's to keep. */
static bool find(bool (*wanted)(const struct mounted *m, const void *of), const void *of,
                 struct mounted *found) {
    static const char path[] = "/proc/self/mountinfo";
    FILE *table = must_have(fopen(path, "re"), "read", path);
    char *line = NULL;
    size_t room = 0;
    bool done = false;
    while (!done && getline(&line, &room, table) > 0) {
        struct mounted m;
        done = mount_parse(line, &m) && wanted(&m, of);
        if (done)
            *found = m;
    }
    fclose(table);
    if (!done)
        free(line);
    return done;
}

struct spot {
    const char *place;
    const struct mounted *below; /* NULL: any */
};

static bool is_on(const struct mounted *m, const void *of) {
    const struct spot *s = of;
    return !strcmp(m->place, s->place) && (!s->below || m->parent == s->below->id);
}

bool mount_at(const char *place, struct mounted *found) {
    if (!find(is_on, &(struct spot){.place = place}, found))
        return false;
    /* The table's order says nothing of what covers what. */
    struct mounted next;
    while (find(is_on, &(struct spot){place, found}, &next))
        *found = next;
    return true;
}

static bool writes_to(const struct mounted *m, const void *work) {
    const char *at = m->source;
    if (strncmp(at, "plashui:", 8) != 0)
        return false;
    for (int i = 0; i < 3 && at; i++) /* plashui:IMAGE:STORE:WORK */
        at = (at = strchr(at, ':')) ? at + 1 : NULL;
    return at && !strcmp(at, work);
}

const char *mount_that_writes(const char *work) {
    struct mounted m;
    return find(writes_to, work, &m) ? m.place : NULL;
}

static char *last(char *text, const char *word) {
    char *found = NULL;
    for (char *at = text; (at = strstr(at, word)); at++)
        found = at;
    return found;
}

/* The topmost layer, which the old program names as STORE/index/7/_data/root, or where that
 * link leads: the path of the store, and the image's id. False if it is none of a store. */
static bool old_layer(const struct mounted *m, char path[4096], const char **image) {
    const char *lowers = strcmp(m->type, "overlay") ? NULL : strstr(m->options, "lowerdir=");
    if (!lowers)
        return false;
    lowers += strlen("lowerdir=");
    snprintf(path, 4096, "%.*s", (int)strcspn(lowers, ":,"), lowers);
    char *data = last(path, "/_data/root"), *slash;
    if (!data || data[strlen("/_data/root")])
        return false;
    *data = 0;
    char *below = last(path, "/index/");
    if (!below || !is_id(below + strlen("/index/"))) /* the store's own path may have one */
        below = last(path, "/layer/0");
    if (!below || !(slash = strrchr(below, '/')))
        return false;
    *image = slash + 1;
    *below = 0;
    return true;
}

/* It may have been called by another path, which need not be there for us. */
static bool is_store(const char *path, const char *store) {
    char *real = realpath(path, NULL);
    bool same = !strcmp(real ? real : path, store);
    free(real);
    return same;
}

bool mount_is_ours(const struct mounted *m, const char *store) {
    char path[4096];
    const char *image;
    return !strncmp(m->source, "plashui:", 8) ||
           (old_layer(m, path, &image) && is_store(path, store));
}

bool mount_of_store(struct mounted *m, const struct store *s, char *image, const char **work) {
    char path[4096], *rest = m->source + 8;
    const char *id;
    *work = NULL;
    if (!strncmp(m->source, "plashui:", 8)) {
        id = strsep(&rest, ":");
        const char *store = strsep(&rest, ":");
        *work = rest;
        if (!rest || strtoull(store, NULL, 10) != s->number)
            return false;
    } else if (!old_layer(m, path, &id) || !is_store(path, s->path)) {
        return false;
    }
    if (!is_id(id))
        return false;
    strcpy(image, id);
    return true;
}

#include "userns/subids.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fail.h"
#include "base/program.h"

/* The kernel refuses a map as a whole if two of its lines overlap. */
static bool overlaps(struct range a, uint32_t own, const struct range *others, int n) {
    uint64_t end = (uint64_t)a.from + a.count;
    if (own >= a.from && own < end)
        return true;
    for (int i = 0; i < n; i++)
        if (a.from < (uint64_t)others[i].from + others[i].count && others[i].from < end)
            return true;
    return false;
}

/* Takes in a range if it is one and fits to those before. */
static int add(unsigned long long from, unsigned long long count, uint32_t own, struct range *found,
               int n) {
    if (!count || count > UINT32_MAX || from > UINT32_MAX || from + count > UINT32_MAX)
        return n;
    struct range r = {(uint32_t)from, (uint32_t)count};
    if (n < MOST_RANGES && !overlaps(r, own, found, n))
        found[n++] = r;
    return n;
}

/* "who:from:count"; false if the line is not like that. */
static bool parse(char *line, const char **who, unsigned long long *from,
                  unsigned long long *count) {
    char *colon, *end, *rest = line;
    *who = strsep(&rest, ":");
    if (!rest || !**who)
        return false;
    *from = strtoull(rest, &colon, 10);
    if (colon == rest || *colon != ':')
        return false;
    *count = strtoull(colon + 1, &end, 10);
    return end != colon + 1 && (!*end || *end == '\n');
}

int subids_of(const char *file, const char *name, uid_t uid, uint32_t own, struct range *found) {
    FILE *f = fopen(file, "re");
    if (!f)
        return 0;
    const char *who;
    char number[16], *line = NULL;
    unsigned long long from, count;
    size_t room = 0;
    int n = 0;
    snprintf(number, sizeof number, "%u", uid);
    while (n < MOST_RANGES && getline(&line, &room, f) > 0)
        if (parse(line, &who, &from, &count) && (!strcmp(who, name) || !strcmp(who, number)))
            n = add(from, count, own, found, n);
    free(line);
    fclose(f);
    return n;
}

char *subids_service_in(const char *file) {
    FILE *f = fopen(file, "re");
    if (!f)
        return NULL;
    char *line = NULL, *source = NULL;
    size_t room = 0;
    while (getline(&line, &room, f) > 0) {
        char *rest = line + strspn(line, " \t");
        if (strncmp(rest, "subid:", 6) != 0)
            continue;
        rest += 6 + strspn(rest + 6, " \t");
        rest[strcspn(rest, " \t\n#[")] = 0;
        /* As for newuidmap, only the first source counts. */
        if (*rest && strcmp(rest, "files") != 0)
            source = must_copy(rest);
        break;
    }
    free(line);
    fclose(f);
    return source;
}

char *subids_service(void) {
    return subids_service_in("/etc/nsswitch.conf");
}

int subids_listed(int fd, uint32_t own, struct range *found) {
    FILE *f = fdopen(fd, "r");
    char *line = NULL;
    size_t room = 0;
    int n = 0;
    while (f && getline(&line, &room, f) > 0) {
        unsigned long long from, count;
        char *last = strrchr(line, ' ');
        if (!last || last == line)
            continue;
        *last = 0;
        char *before = strrchr(line, ' ');
        if (before && sscanf(before, "%llu", &from) == 1 && sscanf(last + 1, "%llu", &count) == 1)
            n = add(from, count, own, found, n);
    }
    free(line);
    if (f)
        fclose(f);
    return n;
}

int subids_by_service(bool groups, const char *name, uint32_t own, struct range *found) {
    char *who = must_copy(name), *first = groups ? must_copy("-g") : who;
    char *argv[] = {must_copy("getsubids"), first, groups ? who : NULL, NULL};
    struct child c = child_start(usual_program(argv[0]), argv, STDOUT_FILENO);
    if (c.error)
        return 0;
    int n = subids_listed(c.said, own, found);
    child_status(c.pid);
    return n;
}

/* Behind every range of this file that is in the way. */
static bool moved_behind(const char *file, struct range *r) {
    FILE *f = fopen(file, "re");
    const char *who;
    char *line = NULL;
    unsigned long long from, count;
    size_t room = 0;
    bool moved = false;
    while (f && getline(&line, &room, f) > 0) {
        if (!parse(line, &who, &from, &count) || from > UINT32_MAX || count > UINT32_MAX ||
            from + count <= r->from || from >= (uint64_t)r->from + r->count)
            continue;
        moved = true;
        if (from + count + r->count > UINT32_MAX)
            r->count = 0;
        r->from = (uint32_t)(from + count);
    }
    free(line);
    if (f)
        fclose(f);
    return moved;
}

struct range subids_free(uint32_t own) {
    /* Where useradd begins, and as many as it gives. */
    struct range r = {100000, 65536};
    do
        if (own >= r.from && own - r.from < r.count)
            r.from = own + 1;
    while (r.count && (moved_behind("/etc/subuid", &r) || moved_behind("/etc/subgid", &r)));
    return r;
}

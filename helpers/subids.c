#include "subids.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

int subids_of(const char *file, const char *name, uid_t uid, uint32_t own, struct range *found) {
    FILE *f = fopen(file, "re");
    if (!f)
        return 0;
    char number[16], *line = NULL;
    size_t room = 0;
    int n = 0;
    snprintf(number, sizeof number, "%u", uid);
    while (n < MOST_RANGES && getline(&line, &room, f) > 0) {
        char *rest = line;
        const char *who = strsep(&rest, ":");
        if (!rest || !*who || (strcmp(who, name) != 0 && strcmp(who, number) != 0))
            continue;
        char *colon, *end;
        unsigned long long from = strtoull(rest, &colon, 10);
        if (colon == rest || *colon != ':')
            continue;
        unsigned long long count = strtoull(colon + 1, &end, 10);
        if (end == colon + 1 || (*end && *end != '\n') || !count || count > UINT32_MAX ||
            from > UINT32_MAX || from + count > UINT32_MAX)
            continue;
        struct range r = {(uint32_t)from, (uint32_t)count};
        if (!overlaps(r, own, found, n))
            found[n++] = r;
    }
    free(line);
    fclose(f);
    return n;
}

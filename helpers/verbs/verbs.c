#include "verbs/verbs.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "base/options.h"

/* Those of plashui that take or make an image: the verbs before a verb put one in. */
static const char *const others[] = {
    "show [--json] [--remote] [--platform OS/ARCH] [--insecure HOST] [--artifact-type TYPE] ID",
    "diff [--json] [--packages] [--config] ID [ID]",
    "packages [--json] [--layers] [--loose] ID [ID]",
    "history [--json] ID",
    "slim [--name NAME] [--json] ID [KIND ...]",
    "squash [--onto ANCESTOR] [--dry-run] [--json] ID",
    "pull [--name NAME] WHAT",
    "pull:url [--sha256 HEX] [--platform OS/ARCH] [--name NAME] [--jobs N] [--max-size SIZE] "
    "[--ref REF] URL",
    "pull:oci [--platform OS/ARCH] [--name NAME] [--dry-run] [--json] [--jobs N] "
    "[--max-size SIZE] [--insecure HOST] [--keep-blobs] NAME",
    "pull:file [--platform OS/ARCH] [--name NAME] [--dry-run] [--json] [--jobs N] "
    "[--max-size SIZE] [--ref REF] FILE",
    "pull:docker [--name NAME] [--dry-run] [--json] [--jobs N] [--max-size SIZE] [--pull] IMAGE",
    "pull:podman [--name NAME] [--dry-run] [--json] [--jobs N] [--max-size SIZE] [--pull] IMAGE",
    "pull:lxc [--dry] [--name NAME] [--list] [--json] [DISTRO:RELEASE ...]",
    "pull:dir [--name NAME] DIR",
    "push ID WHERE",
    "push:oci [--compression gzip|zstd|none] [--annotation KEY=VALUE] [--jobs N] "
    "[--insecure HOST] ID NAME",
    "push:file [--compression gzip|zstd|none] [--annotation KEY=VALUE] [--jobs N] "
    "[--name NAME] [--format oci|docker] ID [FILE]",
    "push:ssh [--name NAME] [--compression gzip|zstd|none] ID ADDRESS",
    "push:squashfs [--compress zstd|gzip|lz4|xz|none] ID FILE",
    "push:app [--name NAME] [--cmd CMD] [--entrypoint CMD] [--arg NAME:KIND] "
    "[--bind SOURCE:PLACE] [--env NAME=VALUE] [--output] [--network] [--read-only] "
    "[--compress zstd|gzip|lz4|xz|none] [--icon FILE] [--desktop FILE] [--definition FILE] ID FILE",
    "push:folder ID DIR",
    "push:bundle [--terminal] ID DIR",
    "build:file [-f FILE] [-t NAME] [--target STAGE] [--build-arg NAME=VALUE] "
    "[--label NAME=VALUE] [--secret id=ID,src=FILE] [--ssh ID] [--build-context NAME=DIR] "
    "[--no-cache] [--pull] [--network none] [--debug] DIR",
    "restore ID ...",
    "pin [--off] [ID ...]",
    "note ID [TEXT]",
    "config [ID] [--env K=V] [--cmd CMD] [--entrypoint CMD] [--user USER] [--workdir PLACE] "
    "[--label K=V] [--volume PLACE] [--expose PORT] [--stop-signal SIGNAL] [--amend] "
    "[--name NAME]",
};

static const char *const old_names[][2] = {
    {"d-pull", "pull:folder"},      {"import-docker", "pull:docker"}, {"import-lxc", "pull:lxc"},
    {"import-tar", "pull:tarfile"}, {"import-url", "pull:url"},       {"copy", "push:dir"},
    {"export-tar", "push:tarfile"},
};

static const struct verb *verbs;

void verbs_are(const struct verb *table) {
    verbs = table;
    usage_from(verb_usage);
}

const struct verb *verb_find(const char *name) {
    for (size_t i = 0; verbs[i].name; i++)
        if (!strcmp(verbs[i].name, name))
            return verbs[i].words ? verbs + i : verb_find(verbs[i].text);
    return NULL;
}

verb_function *verb_named(const char *name) {
    const struct verb *v = verb_find(name);
    return v ? v->function : NULL;
}

const char *verb_called(const char *name) {
    const struct verb *v = verb_find(name);
    for (size_t i = 0; !v && i < sizeof old_names / sizeof *old_names; i++)
        if (!strcmp(old_names[i][0], name))
            return old_names[i][1];
    return v ? v->name : name;
}

const char *verb_usage(const char *name) {
    const struct verb *v = verb_find(name);
    size_t n = strlen(name);
    for (size_t i = 0; !v && i < sizeof others / sizeof *others; i++)
        if (!strncmp(others[i], name, n) && others[i][n] == ' ')
            return others[i];
    return v ? v->words : NULL;
}

bool verb_makes(const char *name) {
    static const char *const makers[] = {"build", "build:file", "stack",  "check", "squash",
                                         "pull",  "id",         "parent", "config"};
    for (size_t i = 0; i < sizeof makers / sizeof *makers; i++)
        if (!strcmp(makers[i], name))
            return true;
    return !strncmp(name, "pull:", 5) && strcmp(name, "pull:folder") != 0;
}

static bool for_programs(const char *name) {
    return !strncmp(name, "engine:", 7);
}

void verbs_list(const char *title, bool programs) {
    printf("%s\n", title);
    for (size_t i = 0; verbs[i].name; i++)
        if (verbs[i].words && for_programs(verbs[i].name) == programs)
            printf("  plash %s\n", verbs[i].words);
}

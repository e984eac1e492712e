/* An image's own wishes: _meta/run.conf, which the Python half writes beside image.json.
 *
 * Strings that each end with a NUL: User=… Hostname=… WorkingDir=… Env=NAME=VALUE Volume=/path
 * Entrypoint=word Cmd=word; the last four any number of times, in order. */
#pragma once

#include <stddef.h>

struct runconf {
    const char *user, *hostname, *directory;                  /* NULL: not said */
    const char **environment, **volumes, **entrypoint, **cmd; /* end with NULL */
};

/* Of any bytes whatever. What is not understood is left out. The result points into `text`. */
struct runconf runconf_parse(const char *text, size_t length);

/* Of the first of these layers (their content, topmost first) that has wishes. */
struct runconf runconf_of(const int *layers, int count);

/* The value of the last NAME=VALUE with this name, or NULL. */
const char *runconf_variable(const struct runconf *c, const char *name);

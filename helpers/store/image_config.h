/* How an image wants to be run: _meta/run.conf, which plashui writes next to image.json.
 *
 * Strings that each end with a NUL: User=… Hostname=… WorkingDir=… Env=NAME=VALUE Volume=/path
 * Entrypoint=word Cmd=word; the last four any number of times, in order. */
#pragma once

#include <stddef.h>

struct runconf {
    const char *user, *hostname, *directory;                  /* NULL: not given */
    const char **environment, **volumes, **entrypoint, **cmd; /* end with NULL */
};

/* Parse any bytes; entries that are not understood are ignored. The result points into `text`. */
struct runconf runconf_parse(const char *text, size_t length);

/* Read the configuration of the first of these layers (their content, topmost first) that has one.
 */
struct runconf runconf_of(const int *layers, int count);

/* Return the value of the last NAME=VALUE with this name, or NULL. */
const char *runconf_variable(const struct runconf *c, const char *name);

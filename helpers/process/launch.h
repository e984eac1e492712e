/* Executing a program of an image without giving the image access to plash: see
 * launcher/launcher.c. */
#pragma once

#include <stdbool.h>

/* Fail if the launcher cannot be used. If false, the program is then started without it, e.g. on a
 * processor that the launcher does not know. */
extern bool launch_or_fail;

/* Execute the program at `path`, which exists and may be executed. On failure report why, and end
 * with 126, or 127 if its interpreter is missing. `where` is for the message: "image 7". */
_Noreturn void launch(const char *path, char **argv, char **environment, const char *where);

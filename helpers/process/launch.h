/* From plash to a program of an image, which must not get hold of plash: see
 * launcher/launcher.c. */
#pragma once

#include <stdbool.h>

/* Never without the launcher. Else, where the kernel or the machine cannot have it, the program
 * is started without. */
extern bool launch_or_fail;

/* The program at `path`, which is there and may be executed. Or says why not, and ends with
 * 126, or with 127 if its interpreter is not there. `where` is for the message: "image 7". */
_Noreturn void launch(const char *path, char **argv, char **environment, const char *where);

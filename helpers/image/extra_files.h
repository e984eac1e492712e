/* Files that an image gets where it is mounted, over its own: they are in memory, and gone with
 * the mount. */
#pragma once

#include <stddef.h>
#include <time.h>

#include "store/store.h"

struct extra_files {
    char
        *text; /* "MODE\0PATH\0CONTENT\0" again and again; a path that ends in '/' is a directory */
    size_t length;
    time_t time; /* of what is made */
};

enum { MOST_EXTRA = 8 << 20 }; /* bytes of such a text */

/* Read the text from standard input. */
void extra_files_read(struct extra_files *files);

/* Make them in the mounted image `root`, which can be written to. Links are followed inside the
 * image. What was there is replaced, but a directory stays; and so do the times of directories. */
void extra_files_make(const struct extra_files *files, const struct store *s,
                      const struct image *image, int root);

/* Unpacking a squashfs, or a directory in it, with a few threads.
 *
 * All is made new in one empty directory; a name that is there already is an error, and no link is
 * followed. A directory that is in itself is refused. */
#pragma once

#include "squashfs/unpacking.h"

/* Returns false, and sets `wrong`; what was made until then is still there. The umask of the
 * process is to be 0. */
bool squashfs_unpack(struct squashfs_unpacking *u);

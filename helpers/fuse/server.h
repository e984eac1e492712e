/* A squashfs served to the kernel through /dev/fuse, by its own protocol (linux/fuse.h). */
#pragma once

#include "fuse/serving.h"

/* Mount a file system that is not served yet, with these flags of mount(2). The process is root in
 * the user namespace of its mount namespace, whose ids are mapped. Returns the descriptor of its
 * device, or -1 (errno). */
int fuse_mount(const char *where, unsigned long flags);

/* Answer the kernel until nothing has the file system mounted any more. Any process that has the
 * device may do so: it only reads and writes it. Returns 0, or an errno. */
int fuse_serve(const struct fuse_serving *s);

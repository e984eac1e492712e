/* Making what the members of a tar say, beneath one directory and nowhere else.
 *
 * A layer of an image (OCI) is a tar, too: files .wh.NAME in it stand for what it removes from the
 * layers below. They become whiteouts; directories that it leaves out are noted. */
#pragma once

#include "packing/unpacking.h"

/* Unpack the archive; fails with what is wrong. */
void unpack(const struct unpacking *u);

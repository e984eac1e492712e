/* Writing members of a tar that every reader takes: ustar, with pax records only where it has no
 * room for something. */
#pragma once

#include "tar/member.h"
#include "tar/records.h"
#include "tar/stream.h"

/* Write the header of a member with extended attributes: their names are the keys. What of a file
 * follows is its content, m->size bytes, and member_end. */
void member_put(struct output *out, const struct member *m, const struct record *attributes,
                size_t count);
void member_end(struct output *out, const struct member *m);

/* Write the mark at the end. */
void tar_end(struct output *out);

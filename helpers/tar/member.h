/* The members of a tar: ustar, pax (POSIX.1-2001), GNU's and the old forms. Nothing is made here,
 * so it is the same whether an archive is extracted or made again. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include "tar/records.h"
#include "tar/sparse.h"
#include "tar/stream.h"

enum { MOST_NAME = 4096 }; /* bytes of a path */

enum member_type {
    M_FILE = '0',
    M_HARD_LINK,
    M_SYMLINK,
    M_CHARACTER,
    M_BLOCK,
    M_DIRECTORY,
    M_FIFO,
};

struct member {
    enum member_type type;
    char *name; /* without "/" at its ends, "." and ".."; "" for the top */
    char *link; /* of a hard link likewise */
    unsigned mode, uid, gid, major, minor;
    uint64_t size;   /* of the file */
    uint64_t stored; /* less than `size` where there are holes: see `sparse` */
    struct timespec mtime, atime;
    bool has_atime;
    struct sparse sparse;
};

struct tar {
    struct input *in;
    struct member m;
    struct records global, local; /* those in force; local ones hide global ones */
    char *long_name, *long_link;
    char name[100 + 155 + 2], link[100 + 1];
    uint64_t left;  /* bytes of content not taken yet */
    uint64_t begin; /* where the header of the member is */
    unsigned padding;
    bool whole; /* the mark at the end was there */
};

void tar_open(struct tar *t, struct input *in);

/* Read the header of the next member; skip what is left of this one. Returns NULL at the end. */
struct member *tar_next(struct tar *t);

/* Take the next bytes of its content, without a copy. Returns how many; 0: there are no more. */
size_t tar_piece(struct tar *t, const unsigned char **piece);

/* The content is not in the archive: `in` is a recipe. */
void tar_content_is_elsewhere(struct tar *t);

/* Call `found` for each extended attribute: its name, and how long the value is. */
void tar_xattrs(struct tar *t, void (*found)(void *of, const struct record *r), void *of);

/* The access list "access" or "default" of the member; NULL: none. */
const char *tar_acl(const struct tar *t, const char *kind);

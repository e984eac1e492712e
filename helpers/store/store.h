/* The store: which directories make up image 7. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

enum { MOST_LOWERS = 500, ID_SIZE = 12 };

struct store {
    const char *path; /* absolute, links resolved, once it exists */
    int fd;           /* O_PATH; -1 if the store does not exist */
    uint64_t number;  /* identifies the store: from the inode and the device of its directory */
    uid_t owner;
};

struct image {
    char id[ID_SIZE];
    char place[4096]; /* "layer/0/3/7", relative to the store */
};

/* The absolute path of the store, from PLASH_DATA or HOME. It need not exist. */
const char *store_place(void);
/* Whether PLASH_READ_ONLY is set: nothing is written that was not asked for. */
bool store_is_for_reading(void);

/* Whether root uses the store of another user. Root may only read it: the owner could mislead root
 * with links, and could not use or remove files of root. */
bool store_is_anothers(const struct store *s);
/* Fail if it is, and say what to do instead. */
void store_refuse_anothers(const struct store *s);

/* Open the store at a path (an operand of a verb for programs), or the default one. */
struct store store_at(const char *path);
struct store store_here(void);

/* Return the image with this id or name; or fail. */
struct image image_named(const struct store *s, const char *word);

/* Return the image with this id or name; fail also for image 0, which is empty. */
struct image image_with_files(const struct store *s, const char *word);

/* Find the image with this id; return false if there is none. */
bool image_find(const struct store *s, const char *id, struct image *image);

/* Whether a name would be a path, such as "./x" or "/x". */
bool name_is_path(const char *name);

/* The link of a name, relative to the store. A '/' in a name, as names of registries have, is a '%'
 * there. */
char *name_link(const char *name);

/* Read the id that a name points to (ID_SIZE bytes), whether or not the image exists. */
bool id_by_name(const struct store *s, const char *name, char *id);

/* Open the content of every layer, topmost first, the empty layer 0 last. Call it in the mount
 * namespace in which the overlay is mounted: the kernel does not accept other descriptors. Returns
 * how many; `fds` has room for MOST_LOWERS. */
int image_layers(const struct store *s, const struct image *image, int *fds);

/* Open the content of the image's own layer, however many there are below it. */
int image_content(const struct store *s, const struct image *image);

/* Take a shared lock on the image's _data directory. Removing the image needs an exclusive one. */
int image_lock(const struct store *s, const struct image *image);

/* The number of its layers, including layer 0. */
int image_depth(const struct image *image);

bool is_id(const char *word);

/* Whether an errno, of opening something in the store without following links, means that it does
 * not exist. */
bool is_absent(int error);

/* Parse the target of an index link: "../layer/0", then any number of "/N", of which the last is
 * the id. Returns false if it is anything else. */
bool place_of_link(const char *target, const char *id, struct image *image);

/* The store, as far as C knows it: which directories make up image 7. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

enum { MOST_LOWERS = 500, ID_SIZE = 12 };

struct store {
    const char *path; /* absolute, links resolved, once it exists */
    int fd;           /* O_PATH; -1 if the store does not exist */
    uint64_t number;  /* that no other has here: of its directory, and of the disk that is on */
    uid_t owner;
};

struct image {
    char id[ID_SIZE];
    char place[4096]; /* "layer/0/3/7", relative to the store */
};

/* Where PLASH_DATA or HOME say the store is. Absolute; it need not exist. */
const char *store_place(void);
/* PLASH_READ_ONLY is set: nothing is put into it that was not asked for. */
bool store_is_for_reading(void);

/* Whether we are root and the store is somebody else's. Its owner could put links in our way, and
 * could neither use nor remove what is root's: so root reads it, and nothing more. */
bool store_is_anothers(const struct store *s);
/* Ends with what to do instead, if it is. */
void store_refuse_anothers(const struct store *s);

/* By path (as the verbs for programs name it), or where it is by default. */
struct store store_at(const char *path);
struct store store_here(void);

/* The image with this id, or with this name. Says which one there is not. */
struct image image_named(const struct store *s, const char *word);

/* The same for what needs files in it: not image 0, which is empty. */
struct image image_with_files(const struct store *s, const char *word);

/* The image with this id; false if there is none. */
bool image_find(const struct store *s, const char *id, struct image *image);

/* The id that a name leads to (ID_SIZE bytes), whether there is such an image or not. */
bool id_by_name(const struct store *s, const char *name, char *id);

/* Every layer's content, topmost first, the empty layer 0 last. Opened anew in the mount
 * namespace that will use them: the kernel takes no others for an overlay. Returns
 * how many; `fds` has room for MOST_LOWERS. */
int image_layers(const struct store *s, const struct image *image, int *fds);

/* The content of the image's own layer alone; however many there are below it. */
int image_content(const struct store *s, const struct image *image);

/* A shared lock on the image's _data directory: who removes it asks for an exclusive one. */
int image_lock(const struct store *s, const struct image *image);

/* How many layers it has, layer 0 counted. */
int image_depth(const struct image *image);

bool is_id(const char *word);

/* Whether this error of opening something in the store without following links says that
 * it is not there. */
bool is_absent(int error);

/* The image that an index link with this text stands for: "../layer/0", then "/N" any number of
 * times, the last being the id. False if it is anything else. */
bool place_of_link(const char *target, const char *id, struct image *image);

/* Walking directory trees with a few threads.
 *
 * Directories wait on one stack; a worker takes one, reads it to the end, and puts the
 * directories found in it on the stack, linked to their parent. Last in, first out,
 * so what waits is about one directory's children per level, whatever the size of the
 * tree. Nothing is ever found by a path from the top, unless the descriptor of the
 * parent had to be given up. */
#pragma once

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct tree;

struct directory {
    struct directory *parent; /* NULL at the top of a tree */
    struct directory *next;   /* on the stack */
    struct tree *tree;
    int fd;            /* -1 before it is opened, or once given up */
    unsigned pending;  /* 1 for itself until read, and its unfinished children */
    unsigned unopened; /* children that still want our descriptor */
    unsigned depth;
    unsigned passes; /* how often it was read */
    bool mark;       /* the user's */
    void *more;      /* likewise */
    char name[];
};

/* One operand. */
struct tree {
    size_t index;
    struct directory *top;
    _Atomic uint64_t files, dirs, failed, allocated, apparent;
    void *more; /* the user's */
};

struct entry {
    const char *name;
    unsigned char type; /* DT_… of readdir(3), DT_UNKNOWN where the file system says nothing */
};

struct worker; /* one thread's */

struct walk {
    /* Open the tree number `tree->index` and call walk_top, or process the tree without it. */
    void (*begin)(struct walk *w, struct tree *tree);
    /* Open a directory (its parent is open); -1: skip it. */
    int (*open)(struct walk *w, struct directory *d, int parent);
    /* Called for every entry except . and ..; may call walk_into. */
    void (*entry)(struct walk *w, struct worker *self, struct directory *d, struct entry e);
    /* Called when everything below is finished; true: read the directory once more. May be NULL. */
    bool (*leave)(struct walk *w, struct directory *d);
    void (*end)(struct walk *w, struct tree *tree);
    void (*progress)(struct walk *w); /* at most ten times a second; may be NULL */

    size_t trees;     /* how many operands */
    uint64_t threads; /* at most */
    bool keep_open;   /* a directory's descriptor stays until it is finished */
    void *more;       /* the user's */

    /* the rest is walk.c's */
    pthread_mutex_t lock;
    pthread_cond_t work;
    struct directory *stack, *later; /* later: entered at the top, taken when the stack is empty */
    size_t waiting, next_tree;
    int busy, running, open_directories;
    pthread_t helpers[16];
    uint64_t last_progress;
};

void walk_run(struct walk *w);

void walk_top(struct walk *w, struct tree *tree, int fd, const char *name);
/* Add a directory to the walk. `parent` is the directory being read, or the top of its tree.
 * Directories added to the top wait until the rest is done, which limits how many are open at once.
 */
struct directory *walk_into(struct worker *self, struct directory *parent, const char *name);

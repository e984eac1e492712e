#include "tree/inodes.h"

#include <stdlib.h>

#include "base/fail.h"

static struct inode *place_of(const struct inodes *all, uint64_t dev, uint64_t ino) {
    size_t at = (size_t)(ino * 0x9e3779b97f4a7c15ULL >> 17) & (all->room - 1);
    while (all->table[at].ino && (all->table[at].ino != ino || all->table[at].dev != dev))
        at = (at + 1) & (all->room - 1);
    return all->table + at;
}

static void grow(struct inodes *all) {
    struct inodes old = *all;
    all->room = all->room ? all->room * 2 : 1024;
    all->table = must_allocate(all->room, sizeof *all->table);
    for (size_t i = 0; i < old.room; i++)
        if (old.table[i].ino)
            *place_of(all, old.table[i].dev, old.table[i].ino) = old.table[i];
    free(old.table);
}

char **inode_note(struct inodes *all, const struct stat *st) {
    if (all->used * 2 >= all->room)
        grow(all);
    struct inode *place = place_of(all, st->st_dev, st->st_ino);
    if (!place->ino) {
        *place = (struct inode){.dev = st->st_dev, .ino = st->st_ino};
        all->used++;
    }
    return &place->note;
}

void inodes_free(struct inodes *all) {
    free(all->table);
    *all = (struct inodes){0};
}

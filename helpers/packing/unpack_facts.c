#include "packing/unpack_facts.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "tar/acl.h"
#include "tar/attributes.h"
#include "tar/owners.h"
#include "tar/trouble.h"

enum { SETS_IDS = S_ISUID | S_ISGID, SPECIAL = 07000 };

unsigned mode_to_make(const struct unpacking *u, const struct member *m) {
    return m->type != M_DIRECTORY && u->unset_ids ? m->mode & ~(unsigned)SETS_IDS : m->mode;
}

static bool is_error_of_disk(void) {
    return errno == EIO || errno == ENOMEM || errno == EROFS;
}

static void set_xattr(const struct made *f, const char *name, const void *value, size_t size) {
    char path[64 + 256];
    int done;
    if (f->fd >= 0) {
        done = fsetxattr(f->fd, name, value, size, 0);
    } else {
        snprintf(path, sizeof path, "/proc/self/fd/%d/%s", f->parent->fd, f->name);
        done = lsetxattr(path, name, value, size, 0);
    }
    if (done < 0 && is_error_of_disk())
        tar_must(-1, f->tar->m.name);
    f->u->done->attributes += done < 0;
}

static void note_beyond(const struct made *f) {
    struct unpacked *done = f->u->done;
    const struct member *m = &f->tar->m;
    if (!done->beyond.files++) {
        done->beyond.uid = m->uid;
        done->beyond.gid = m->gid;
        snprintf(done->beyond.path, sizeof done->beyond.path, "%s", m->name);
    }
    if (m->uid > done->beyond.most_uid)
        done->beyond.most_uid = m->uid;
    if (m->gid > done->beyond.most_gid)
        done->beyond.most_gid = m->gid;
}

/* Returns whether the mode may have lost bits. */
static bool set_owner(const struct made *f) {
    const struct member *m = &f->tar->m;
    bool right = !m->uid && !m->gid && !f->existed && !(f->parent->mode & S_ISGID);
    if (right)
        return false;
    if (!f->u->owners) {
        char text[OWNER_SIZE];
        if (f->existed)
            fremovexattr(f->fd, OWNER_ATTRIBUTE);    /* of an earlier member */
        if ((!m->uid && !m->gid) || f->u->unset_ids) /* it belongs to whoever copies it */
            return false;
        f->u->done->owners++;
        if (f->fd >= 0)
            set_xattr(f, OWNER_ATTRIBUTE, text,
                      owner_text(text, m->uid, m->gid, mode_to_make(f->u, m)));
        return false;
    }
    int done = f->fd >= 0 ? fchown(f->fd, m->uid, m->gid)
                          : fchownat(f->parent->fd, f->name, m->uid, m->gid, AT_SYMLINK_NOFOLLOW);
    if (done < 0 && errno == EINVAL)
        note_beyond(f);
    else
        tar_must(done, m->name);
    return true;
}

static void set_mode(const struct made *f, bool chowned) {
    const struct member *m = &f->tar->m;
    unsigned mode = mode_to_make(f->u, m);
    f->u->done->unset += mode != m->mode;
    bool right = !f->existed && !(mode & SPECIAL) && !chowned && !(f->parent->mode & S_ISGID);
    if (f->level && !f->u->all_rights && (mode & 0700) != 0700) {
        f->level->mode = mode; /* later, since it would keep us out */
        f->level->moded = true;
        mode |= 0700;
        right = false;
    }
    if (right || m->type == M_SYMLINK)
        return;
    int done = f->fd >= 0 ? fchmod(f->fd, mode) : fchmodat(f->parent->fd, f->name, mode, 0);
    tar_must(done, m->name);
}

/* "=" cannot stand in the key of a record: it is written as %3D, and "%" as %25. */
static char *decoded(const char *key) {
    char *name = must_copy(key), *to = name;
    for (const char *from = key; *from; from++) {
        bool equals = !strncmp(from, "%3D", 3), percent = !strncmp(from, "%25", 3);
        *to++ = equals ? '=' : *from;
        from += equals || percent ? 2 : 0;
    }
    *to = 0;
    return name;
}

const char ACCESS_ACL[] = "system.posix_acl_access";

static bool has_acls(const struct made *f, const char *name) {
    return f->fd >= 0 && (fgetxattr(f->fd, name, NULL, 0) >= 0 || errno == ENODATA);
}

/* A directory gets it at the end, since what is made in it would inherit it. */
static void keep_default_acl(const struct made *f, const void *value, size_t size) {
    free(f->level->default_acl);
    f->level->default_acl = size ? must_allocate(1, size) : NULL;
    f->level->default_size = size;
    if (size)
        memcpy(f->level->default_acl, value, size);
}

/* umoci writes access lists as the attributes that they are. */
static void set_one(void *of, const struct record *r) {
    const struct made *f = of;
    char *name = decoded(r->key);
    if (attribute_is_kept(name) || (!strcmp(name, ACCESS_ACL) && has_acls(f, name)))
        set_xattr(f, name, r->value, r->size);
    else if (!strcmp(name, DEFAULT_ACL) && f->level && has_acls(f, name))
        keep_default_acl(f, r->value, r->size);
    free(name);
}

void set_default_acl(void *of, int fd, const void *value, size_t size) {
    const struct unpacking *u = of;
    u->done->attributes += fsetxattr(fd, DEFAULT_ACL, value, size, 0) < 0;
}

static void set_acls(const struct made *f) {
    static unsigned char value[MOST_ACL];
    const char *access = tar_acl(f->tar, "access"), *inherited = tar_acl(f->tar, "default");
    size_t size;
    /* Where the file system has no such lists, none is asked for. */
    if (access && has_acls(f, ACCESS_ACL)) {
        size = acl_from_text(access, value);
        if (size)
            set_xattr(f, ACCESS_ACL, value, size);
        f->u->done->attributes += !size;
    }
    if (inherited && f->level && has_acls(f, DEFAULT_ACL)) {
        size = acl_from_text(inherited, value);
        keep_default_acl(f, value, size);
        f->u->done->attributes += !size;
    }
}

static void set_time(const struct made *f) {
    const struct member *m = &f->tar->m;
    const struct timespec kept = {.tv_nsec = UTIME_OMIT};
    const struct timespec times[] = {m->has_atime ? m->atime : kept, m->mtime};
    int done = f->fd >= 0 ? futimens(f->fd, times)
                          : utimensat(f->parent->fd, f->name, times, AT_SYMLINK_NOFOLLOW);
    tar_must(done, m->name);
    if (f->level) {
        f->level->mtime = m->mtime;
        f->level->timed = true;
    }
}

void set_facts(const struct made *made) {
    set_mode(made, set_owner(made));
    if (made->tar->local.count || made->tar->global.count) {
        if (made->fd >= 0)
            set_acls(made);
        tar_xattrs(made->tar, set_one, (void *)made);
    }
    set_time(made);
}

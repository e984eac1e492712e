#include "base/landlock.h"

#include <fcntl.h>
#include <stdint.h>
#include <unistd.h>

#include "base/fail.h"
#include "base/syscalls.h"

/* include/uapi/linux/landlock.h; our own names, since headers of different ages know
 * different parts of it. */
enum {
    GET_VERSION = 1,
    RULE_PATH_BENEATH = 1,
    WRITE_FILE = 1 << 1,
    REMOVE_DIR = 1 << 4,
    REMOVE_FILE = 1 << 5,
    MAKE_ANYTHING = 0x7f << 6, /* char dir reg sock fifo block sym */
    REFER = 1 << 13,           /* version 2 */
    TRUNCATE = 1 << 14,        /* version 3 */
    NET_BIND_CONNECT = 3,      /* version 4 */
    SCOPE_SOCKETS_SIGNALS = 3, /* version 6 */
};

struct ruleset {
    uint64_t files, net, scope;
};

struct beneath {
    uint64_t allowed;
    int32_t directory;
} __attribute__((packed));

int landlock_version(void) {
    long version = syscall(NR_LANDLOCK_CREATE_RULESET, NULL, 0, GET_VERSION);
    return version < 0 ? 0 : (int)version;
}

static void allow(int ruleset, int fd, uint64_t rights) {
    struct beneath rule = {.allowed = rights, .directory = fd};
    must((int)syscall(NR_LANDLOCK_ADD_RULE, ruleset, RULE_PATH_BENEATH, &rule, 0), "add a rule to",
         "Landlock");
}

int landlock_write_only_beneath(int directory) {
    int version = landlock_version();
    /* Version 1 cannot allow a hard link between two directories, which a tar file may ask
     * for. */
    if (version < 2)
        return 0;
    uint64_t rights = WRITE_FILE | REMOVE_DIR | REMOVE_FILE | MAKE_ANYTHING | REFER;
    uint64_t rights_on_files = WRITE_FILE;
    if (version >= 3) {
        rights |= TRUNCATE;
        rights_on_files |= TRUNCATE;
    }
    struct ruleset rules = {.files = rights,
                            .net = version >= 4 ? NET_BIND_CONNECT : 0,
                            .scope = version >= 6 ? SCOPE_SOCKETS_SIGNALS : 0};
    size_t size = version >= 6 ? 24 : version >= 4 ? 16 : 8;
    int ruleset = (int)syscall(NR_LANDLOCK_CREATE_RULESET, &rules, size, 0);
    if (ruleset < 0)
        return 0; /* known to the kernel, but not switched on */
    if (directory >= 0)
        allow(ruleset, directory, rights);
    int null = open("/dev/null", O_PATH | O_CLOEXEC);
    if (null >= 0) {
        allow(ruleset, null, rights_on_files);
        close(null);
    }
    must((int)syscall(NR_LANDLOCK_RESTRICT_SELF, ruleset, 0), "restrict writing with", "Landlock");
    close(ruleset);
    return version;
}

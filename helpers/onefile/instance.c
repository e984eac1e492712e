#include "onefile/instance.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/fail.h"
#include "base/fingerprint.h"

/* The name is that of a socket which is in no directory: the kernel has one of each name, and frees
 * it with the last process that has the socket open, however that ends. */
void instance_take(const char *id) {
    struct sockaddr_un place = {.sun_family = AF_UNIX};
    struct key k = key_begin();
    key_word(&k, id);
    int n = snprintf(place.sun_path + 1, sizeof place.sun_path - 1, "plash-app-%u-%.64s",
                     (unsigned)geteuid(), key_end(&k));
    int s = must(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), "make a socket", NULL);
    socklen_t length = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + (size_t)n);
    if (bind(s, (struct sockaddr *)&place, length) == 0)
        return;
    if (errno == EADDRINUSE)
        refuse("the instance %s already exists: it runs now. Give this one another name", id);
    must(-1, "name the instance", id);
}

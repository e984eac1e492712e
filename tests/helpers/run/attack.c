/* What a hostile program tries; run in an image by test_escapes.py.
 *
 * call N[,A...]     a system call: "0" or the number of its error
 * call32 N[,A...]   the same as a 32-bit program makes it (x86-64)
 * clone3            whether it works to make a user namespace
 * connect NAME      to an abstract socket
 * trace PID         like a debugger
 * chmod FD          of what is open
 * unshared SCRIPT   in namespaces of users, mounts and control groups of its own
 * each word after the first is one try, one line of output each. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

static long call(const long *a) {
    return syscall(a[0], a[1], a[2], a[3], a[4], a[5], a[6]) < 0 ? errno : 0;
}

static long call32(const long *a) {
#ifdef __x86_64__
    long result;
    __asm__ volatile("int $0x80"
                     : "=a"(result)
                     : "a"(a[0]), "b"(a[1]), "c"(a[2]), "d"(a[3]), "S"(a[4]), "D"(a[5])
                     : "memory", "r8", "r9", "r10", "r11");
    return (int)result < 0 ? -(int)result : 0;
#else
    return (void)a, ENOSYS;
#endif
}

static long numbers(char *text, long (*with)(const long *)) {
    long a[7] = {0};
    char *one;
    for (int n = 0; n < 7 && (one = strsep(&text, ",")); n++)
        a[n] = strtol(one, NULL, 0);
    return with(a);
}

static long talk(const char *name) {
    struct sockaddr_un to = {.sun_family = AF_UNIX};
    size_t length = strlen(name);
    memcpy(to.sun_path + 1, name, length);
    int s = socket(AF_UNIX, SOCK_STREAM, 0);
    socklen_t size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + length);
    return connect(s, (struct sockaddr *)&to, size) < 0 ? errno : 0;
}

static long be_root(const char *map) {
    int fd = open(map, O_WRONLY);
    long error = fd < 0 || write(fd, "0 0 1", 5) < 0 ? errno : 0;
    close(fd);
    return error;
}

static long unshared(const char *script) {
    if (unshare(CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWCGROUP) < 0)
        return errno;
    long error = be_root("/proc/self/uid_map");
    if (!error)
        execl("/bin/sh", "sh", "-c", script, (char *)NULL);
    return error ? error : errno;
}

static long make_user_namespace(void) {
    uint64_t flags[8] = {0x10000000};
    long pid = syscall(435, flags, sizeof flags);
    if (pid == 0)
        _exit(0);
    return pid < 0 ? errno : 0;
}

int main(int argc, char **argv) {
    const char *what = argv[1];
    setvbuf(stdout, NULL, _IOLBF, 0);
    for (int i = 2; i < argc; i++) {
        long error = -1;
        if (!strcmp(what, "call"))
            error = numbers(argv[i], call);
        else if (!strcmp(what, "call32"))
            error = numbers(argv[i], call32);
        else if (!strcmp(what, "clone3"))
            error = make_user_namespace();
        else if (!strcmp(what, "connect"))
            error = talk(argv[i]);
        else if (!strcmp(what, "trace"))
            error = ptrace(PTRACE_SEIZE, atoi(argv[i]), NULL, NULL) < 0 ? errno : 0;
        else if (!strcmp(what, "unshared"))
            error = unshared(argv[i]);
        else if (!strcmp(what, "chmod"))
            error = fchmod(atoi(argv[i]), 0600) < 0 ? errno : 0;
        printf("%ld\n", error);
    }
    return 0;
}

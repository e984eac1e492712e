/* Makes system calls in another process, which waits in one: what would somebody reach who had
 * taken it over?
 *
 *     inject PID FILE NEW DIR     prints "did CALL" for each that succeeds; for x86-64 */
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>

static pid_t pid;
static struct user_regs_struct saved;
static unsigned long long room; /* below its stack */

static void stop(const char *what) {
    perror(what);
    exit(2);
}

static void begin(void) {
    int status;
    if (ptrace(PTRACE_SEIZE, pid, 0, 0) < 0)
        stop("seize");
    if (ptrace(PTRACE_INTERRUPT, pid, 0, 0) < 0 || waitpid(pid, &status, __WALL) < 0)
        stop("interrupt");
    if (ptrace(PTRACE_GETREGS, pid, 0, &saved) < 0)
        stop("read the registers");
    room = (saved.rsp - 16384) & ~15ULL;
}

/* Put bytes into its memory; returns where they are. */
static unsigned long long put(int slot, const void *bytes, size_t size) {
    struct iovec here = {(void *)bytes, size};
    struct iovec there = {(void *)(room + (unsigned long long)slot * 4096), size};
    if (process_vm_writev(pid, &here, 1, &there, 1, 0) != (ssize_t)size)
        stop("write");
    return (unsigned long long)there.iov_base;
}

static unsigned long long text(int slot, const char *word) {
    return put(slot, word, strlen(word) + 1);
}

/* It has just made a call, so one can be made from the same place. */
static long long call(long number, unsigned long long a, unsigned long long b, unsigned long long c,
                      unsigned long long d, unsigned long long e, unsigned long long f) {
    struct user_regs_struct r = saved;
    int status;
    r.rip -= 2;
    r.rax = (unsigned long long)number;
    r.orig_rax = (unsigned long long)-1; /* nothing is to be restarted */
    r.rdi = a, r.rsi = b, r.rdx = c, r.r10 = d, r.r8 = e, r.r9 = f;
    if (ptrace(PTRACE_SETREGS, pid, 0, &r) < 0 || ptrace(PTRACE_SINGLESTEP, pid, 0, 0) < 0 ||
        waitpid(pid, &status, __WALL) < 0 || !WIFSTOPPED(status) ||
        ptrace(PTRACE_GETREGS, pid, 0, &r) < 0)
        stop("make a call");
    return (long long)r.rax;
}

static void attempt(const char *name, long long result) {
    if (result >= 0)
        printf("did %s\n", name);
}

int main(int argc, char **argv) {
    if (argc != 5)
        return 2;
    pid = atoi(argv[1]);
    begin();
    const unsigned long long at = (unsigned long long)AT_FDCWD;
    unsigned long long file = text(0, argv[2]), new = text(1, argv[3]), dir = text(2, argv[4]);
    unsigned long long inside = text(3, "inside"), create = O_CREAT | O_WRONLY;

    attempt("write inside", call(SYS_openat, at, inside, create, 0644, 0, 0));
    attempt("open", call(SYS_openat, at, file, O_WRONLY, 0, 0, 0));
    attempt("truncate", call(SYS_truncate, file, 0, 0, 0, 0, 0));
    attempt("chmod", call(SYS_fchmodat, at, file, 0777, 0, 0, 0));
    attempt("chown", call(SYS_fchownat, at, file, 1, 1, 0, 0));
    attempt("touch", call(SYS_utimensat, at, file, 0, 0, 0, 0));
    attempt("move in", call(SYS_renameat2, at, file, at, inside, 0, 0));
    attempt("move over", call(SYS_renameat2, at, inside, at, file, 0, 0));
    attempt("link", call(SYS_linkat, at, file, at, text(2, "linked"), 0, 0));
    attempt("remove", call(SYS_unlinkat, at, file, 0, 0, 0, 0));
    dir = text(2, argv[4]);
    attempt("create", call(SYS_openat, at, new, create, 0644, 0, 0));
    attempt("symlink", call(SYS_symlinkat, file, at, new, 0, 0, 0));
    attempt("mkdir", call(SYS_mkdirat, at, dir, 0755, 0, 0, 0));
    attempt("mknod", call(SYS_mknodat, at, dir, S_IFIFO | 0644, 0, 0, 0));
    file = text(0, argv[2]);
    attempt("set an attribute", call(SYS_setxattr, file, text(1, "user.a"), text(2, "b"), 1, 0, 0));

    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(9)};
    inet_pton(AF_INET, "127.0.0.1", &to.sin_addr);
    long long socket = call(SYS_socket, AF_INET, SOCK_DGRAM, 0, 0, 0, 0);
    unsigned long long address = put(1, &to, sizeof to);
    attempt("send", call(SYS_sendto, (unsigned long long)socket, file, 1, 0, address, sizeof to));

    ptrace(PTRACE_SETREGS, pid, 0, &saved);
    ptrace(PTRACE_DETACH, pid, 0, 0);
    return 0;
}

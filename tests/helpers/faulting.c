/* Runs a command and lets one system call of the program under test go wrong.
 *
 *     faulting TRACE PROGRAM NUMBERS WHEN WHAT COMMAND...
 *
 * Of the system calls which PROGRAM (in all its processes and threads, until they become
 * another program) makes after the first open of /dev/null, which is where its main
 * begins, the numbers go to the file TRACE, one a line. The WHENth with one of NUMBERS
 * (with commas between them) fails with the errno WHAT; if that is 0, its process is killed
 * there. WHEN 0: none; -1: every one.
 * Ends when all of them have ended, as the command ended.
 *
 * Unlike strace's injection, which counts in each process anew, one fault is one fault: a
 * child's third open can fail where its parent's third open worked. */
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#include <linux/ptrace.h>

enum { OURS = 1, REFUSED = 2, PIDS = 1 << 22, CALLS = 1024 };

static unsigned char state[PIDS]; /* by thread */
static bool targets[CALLS];
static const char *program;
static long count, when, what;
static bool begun;
static FILE *trace;

static bool is_program(pid_t pid) {
    char link[64], path[PATH_MAX];
    snprintf(link, sizeof link, "/proc/%d/exe", pid);
    ssize_t n = readlink(link, path, sizeof path - 1);
    if (n < 0)
        return false;
    path[n] = 0;
    return strcmp(path, program) == 0;
}

static bool opens_null(pid_t pid, const struct __ptrace_syscall_info *call) {
    char path[10] = "";
    unsigned long long at = call->entry.nr == SYS_openat ? call->entry.args[1] : 0;
#ifdef SYS_open /* which musl still uses */
    if (call->entry.nr == SYS_open)
        at = call->entry.args[0];
#endif
    struct iovec here = {path, sizeof path}, there = {(void *)at, sizeof path};
    if (!at)
        return false;
    return process_vm_readv(pid, &here, 1, &there, 1, 0) == sizeof path &&
           !memcmp(path, "/dev/null", sizeof path);
}

static void set_registers(pid_t pid, bool entry) {
#if defined(__x86_64__)
    struct user_regs_struct r;
    struct iovec io = {&r, sizeof r};
    ptrace(PTRACE_GETREGSET, pid, NT_PRSTATUS, &io);
    if (entry)
        r.orig_rax = (unsigned long long)-1;
    else
        r.rax = (unsigned long long)-what;
    ptrace(PTRACE_SETREGSET, pid, NT_PRSTATUS, &io);
#elif defined(__aarch64__)
    struct user_regs_struct r;
    struct iovec io = {&r, sizeof r};
    if (entry) {
        int none = -1;
        struct iovec number = {&none, sizeof none};
        ptrace(PTRACE_SETREGSET, pid, 0x404 /* NT_ARM_SYSTEM_CALL */, &number);
        return;
    }
    ptrace(PTRACE_GETREGSET, pid, NT_PRSTATUS, &io);
    r.regs[0] = (unsigned long long)-what;
    ptrace(PTRACE_SETREGSET, pid, NT_PRSTATUS, &io);
#else
#error "not known how to fail a system call on this processor"
#endif
}

static void system_call(pid_t pid) {
    struct __ptrace_syscall_info call;
    if (ptrace(PTRACE_GET_SYSCALL_INFO, pid, sizeof call, &call) < 0)
        return;
    if (call.op == PTRACE_SYSCALL_INFO_EXIT && state[pid] & REFUSED) {
        state[pid] &= (unsigned char)~REFUSED;
        set_registers(pid, false);
    }
    if (call.op != PTRACE_SYSCALL_INFO_ENTRY || call.entry.nr >= CALLS)
        return;
    begun |= opens_null(pid, &call);
    if (!begun)
        return;
    fprintf(trace, "%llu\n", (unsigned long long)call.entry.nr);
    if (!targets[call.entry.nr] || (++count != when && when >= 0))
        return;
    if (what == 0) {
        syscall(SYS_tkill, pid, SIGKILL);
    } else {
        state[pid] |= REFUSED;
        set_registers(pid, true);
    }
}

/* What to do with a stopped thread: how it goes on, and with which signal. */
static void stopped(pid_t pid, int status) {
    int sig = WSTOPSIG(status), event = status >> 16;
    unsigned long how = PTRACE_SYSCALL, with = 0;
    if (event == PTRACE_EVENT_EXEC) {
        bool was = state[pid] & OURS;
        state[pid] = is_program(pid) ? OURS : 0;
        if (!state[pid])
            how = was ? PTRACE_DETACH : PTRACE_CONT;
    } else if (event == PTRACE_EVENT_STOP) {
        if (sig == SIGTRAP)
            state[pid] = OURS; /* a new one: only the program makes any */
        else
            how = PTRACE_LISTEN;
    } else if (event == 0 && sig == (SIGTRAP | 0x80)) {
        system_call(pid);
    } else if (event == 0) {
        with = (unsigned long)sig;
    }
    ptrace(how, pid, 0, with);
}

int main(int argc, char **argv) {
    if (argc < 7)
        return 2;
    program = argv[2];
    for (char *number = strtok(argv[3], ","); number; number = strtok(NULL, ","))
        targets[atol(number) % CALLS] = true;
    when = atol(argv[4]);
    what = atol(argv[5]);
    trace = fopen(argv[1], "we");
    int go[2];
    char byte = 0;
    if (!trace || pipe2(go, O_CLOEXEC) < 0)
        return 2;
    pid_t first = fork();
    if (first == 0) {
        close(go[1]);
        if (read(go[0], &byte, 1) == 1)
            execvp(argv[6], argv + 6);
        _exit(2);
    }
    if (ptrace(PTRACE_SEIZE, first, 0,
               PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEEXEC | PTRACE_O_TRACEFORK |
                   PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE | PTRACE_O_EXITKILL) < 0 ||
        write(go[1], &byte, 1) != 1)
        return 2;
    int status, end = 0;
    pid_t pid;
    while ((pid = waitpid(-1, &status, __WALL)) > 0 || errno == EINTR) {
        if (WIFSTOPPED(status))
            stopped(pid, status);
        else if (pid == first)
            end = status;
    }
    fclose(trace);
    return WIFSIGNALED(end) ? 128 + WTERMSIG(end) : WEXITSTATUS(end);
}

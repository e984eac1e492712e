/* The last step into an image, as a program of its own: it becomes the program of the image.
 *
 * While the kernel looks for a program, /proc/self/exe is the one that asks for it. If that were
 * plash, an image whose /bin/sh is a link to /proc/self/exe would get plash itself, a file of the
 * host's, run by a loader of the image's (CVE-2019-5736). Here it gets this, which lies in memory,
 * sealed, and knows no loader. No libc: what it needs is three system calls.
 *
 * Its words, which launch.c puts together: "plash" PATH STATUS_FD MESSAGE EVENT WORD... */
#include <errno.h>
#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

#if defined __x86_64__
__asm__(".globl _start\n_start: xor %ebp, %ebp\n mov %rsp, %rdi\n and $-16, %rsp\n call launch\n");
static long ask(long number, long a, long b, long c) {
    long result;
    __asm__ volatile("syscall"
                     : "=a"(result)
                     : "a"(number), "D"(a), "S"(b), "d"(c)
                     : "rcx", "r11", "memory");
    return result;
}
#elif defined __aarch64__
__asm__(".globl _start\n_start: mov x29, #0\n mov x0, sp\n bl launch\n");
static long ask(long number, long a, long b, long c) {
    register long x8 __asm__("x8") = number, x0 __asm__("x0") = a;
    register long x1 __asm__("x1") = b, x2 __asm__("x2") = c;
    __asm__ volatile("svc 0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2) : "memory");
    return x0;
}
#elif defined __riscv && __riscv_xlen == 64
__asm__(".globl _start\n_start: mv a0, sp\n call launch\n");
static long ask(long number, long a, long b, long c) {
    register long a7 __asm__("a7") = number, a0 __asm__("a0") = a;
    register long a1 __asm__("a1") = b, a2 __asm__("a2") = c;
    __asm__ volatile("ecall" : "+r"(a0) : "r"(a7), "r"(a1), "r"(a2) : "memory");
    return a0;
}
#endif

static void say(long fd, const char *text) {
    long length = 0;
    while (text[length])
        length++;
    ask(SYS_write, fd, (long)text, length);
}

/* The file itself exists: launch.c has checked that. */
static const char *reason(long error) {
    switch (error) {
    case ENOENT:
        return "its interpreter or loader is missing";
    case ENOEXEC:
        return "Exec format error";
    case EACCES:
        return "Permission denied";
    case EPERM:
        return "Operation not permitted";
    case E2BIG:
        return "Argument list too long";
    case ENOMEM:
        return "Cannot allocate memory";
    case ETXTBSY:
        return "Text file busy";
    case ELOOP:
        return "Too many levels of symbolic links";
    case ELIBBAD:
        return "its loader is damaged";
    default:
        return "the kernel refuses it";
    }
}

_Noreturn void launch(const long *stack);
__attribute__((used)) void launch(const long *stack) {
    enum { PATH = 1, STATUS_FD, MESSAGE, EVENT, WORDS };
    long count = stack[0], fd = -1, error = EINVAL;
    const char **word = (const char **)(stack + 1);
    /* An image that gets access to this program may call it with any words. */
    if (count > WORDS) {
        const char **environment = word + count + 1;
        const char *event = word[EVENT], *message = word[MESSAGE];
        for (const char *digit = word[STATUS_FD]; *digit; digit++)
            fd = (fd < 0 ? 0 : fd * 10) + *digit - '0';
        if (fd >= 0)
            ask(SYS_fcntl, fd, F_SETFD, FD_CLOEXEC);
        error = -ask(SYS_execve, (long)word[PATH], (long)(word + WORDS), (long)environment);
        if (error == ENOEXEC) { /* a script without #!, as for execvp(3) */
            word[WORDS - 1] = "/bin/sh";
            word[WORDS] = word[PATH];
            ask(SYS_execve, (long)"/bin/sh", (long)(word + WORDS - 1), (long)environment);
        }
        say(STDERR_FILENO, message);
        say(STDERR_FILENO, reason(error));
        say(STDERR_FILENO, "\n");
        if (fd >= 0) {
            say(fd, event);
            say(fd, reason(error));
            say(fd, "\"}\n");
        }
    }
    for (;;)
        ask(SYS_exit_group, error == ENOENT ? 127 : 126, 0, 0);
}

#include "run/seccomp.h"

#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/personality.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/fail.h"

/* What is done with a call. The tests look at the low half of an argument only, as the kernel
 * does for these. */
enum action {
    REFUSED,     /* EPERM */
    ABSENT,      /* ENOSYS: who calls it then does it the old way */
    TYPING,      /* ioctl: refused are TIOCSTI, and the console's TIOCLINUX, which can paste */
    CLONING,     /* clone: refused with a new namespace */
    UNSHARING,   /* unshare: likewise */
    PERSONALITY, /* only to be an older or a 32-bit Linux; not to give up random addresses */
    SOCKET,      /* not of the kernel's ciphers, nor of the machine that runs this one */
};

/* The rules are those of docker's default profile for our capabilities (moby/profiles, seccomp),
 * the other way round: here is what it leaves out. Of its old calls for 32-bit programs those that
 * do no harm are allowed. The numbers are those of x86-64; i386; arm64, which are also those of
 * every machine that came after it; and arm. */
enum { X86_64, I386, GENERIC, ARM, NUMBERINGS, NO = -1 };

static const struct rule {
    const char *name;
    short number[NUMBERINGS];
    char action, loosest; /* the last filter that has the rule */
} rules[] = {
    {"ioctl", {16, 54, 29, 54}, TYPING, FILTER_TYPING},

    {"clone", {56, 120, 220, 120}, CLONING, FILTER_NAMESPACES},
    {"clone3", {435, 435, 435, 435}, ABSENT, FILTER_NAMESPACES}, /* its flags are in memory */
    {"unshare", {272, 310, 97, 337}, UNSHARING, FILTER_NAMESPACES},
    {"setns", {308, 346, 268, 375}, REFUSED, FILTER_WHOLE},

    /* Keys: they are the caller's, whatever the namespace. */
    {"add_key", {248, 286, 217, 309}, REFUSED, FILTER_WHOLE},
    {"request_key", {249, 287, 218, 310}, REFUSED, FILTER_WHOLE},
    {"keyctl", {250, 288, 219, 311}, REFUSED, FILTER_WHOLE},

    /* Mounts and disks. */
    {"mount", {165, 21, 40, 21}, REFUSED, FILTER_WHOLE},
    {"umount", {NO, 22, NO, NO}, REFUSED, FILTER_WHOLE},
    {"umount2", {166, 52, 39, 52}, REFUSED, FILTER_WHOLE},
    {"pivot_root", {155, 217, 41, 218}, REFUSED, FILTER_WHOLE},
    {"open_tree", {428, 428, 428, 428}, REFUSED, FILTER_WHOLE},
    {"move_mount", {429, 429, 429, 429}, REFUSED, FILTER_WHOLE},
    {"fsopen", {430, 430, 430, 430}, REFUSED, FILTER_WHOLE},
    {"fsconfig", {431, 431, 431, 431}, REFUSED, FILTER_WHOLE},
    {"fsmount", {432, 432, 432, 432}, REFUSED, FILTER_WHOLE},
    {"fspick", {433, 433, 433, 433}, REFUSED, FILTER_WHOLE},
    {"mount_setattr", {442, 442, 442, 442}, REFUSED, FILTER_WHOLE},
    {"open_tree_attr", {467, 467, 467, 467}, REFUSED, FILTER_WHOLE},
    {"quotactl", {179, 131, 60, 131}, REFUSED, FILTER_WHOLE},
    {"quotactl_fd", {443, 443, 443, 443}, REFUSED, FILTER_WHOLE},
    {"swapon", {167, 87, 224, 87}, REFUSED, FILTER_WHOLE},
    {"swapoff", {168, 115, 225, 115}, REFUSED, FILTER_WHOLE},

    /* The kernel itself: its modules, its log, its programs and what they see. */
    {"init_module", {175, 128, 105, 128}, REFUSED, FILTER_WHOLE},
    {"finit_module", {313, 350, 273, 379}, REFUSED, FILTER_WHOLE},
    {"delete_module", {176, 129, 106, 129}, REFUSED, FILTER_WHOLE},
    {"create_module", {174, 127, NO, NO}, REFUSED, FILTER_WHOLE},
    {"query_module", {178, 167, NO, NO}, REFUSED, FILTER_WHOLE},
    {"get_kernel_syms", {177, 130, NO, NO}, REFUSED, FILTER_WHOLE},
    {"kexec_load", {246, 283, 104, 347}, REFUSED, FILTER_WHOLE},
    {"kexec_file_load", {320, NO, 294, 401}, REFUSED, FILTER_WHOLE},
    {"reboot", {169, 88, 142, 88}, REFUSED, FILTER_WHOLE},
    {"syslog", {103, 103, 116, 103}, REFUSED, FILTER_WHOLE},
    {"acct", {163, 51, 89, 51}, REFUSED, FILTER_WHOLE},
    {"bpf", {321, 357, 280, 386}, REFUSED, FILTER_WHOLE},
    {"perf_event_open", {298, 336, 241, 364}, REFUSED, FILTER_WHOLE},
    {"lsm_get_self_attr", {459, 459, 459, 459}, REFUSED, FILTER_WHOLE},
    {"lsm_set_self_attr", {460, 460, 460, 460}, REFUSED, FILTER_WHOLE},
    {"lsm_list_modules", {461, 461, 461, 461}, REFUSED, FILTER_WHOLE},

    /* Much of the kernel behind one call, often a way in. */
    {"io_uring_setup", {425, 425, 425, 425}, REFUSED, FILTER_WHOLE},
    {"io_uring_enter", {426, 426, 426, 426}, REFUSED, FILTER_WHOLE},
    {"io_uring_register", {427, 427, 427, 427}, REFUSED, FILTER_WHOLE},
    {"userfaultfd", {323, 374, 282, 388}, REFUSED, FILTER_WHOLE},
    {"fanotify_init", {300, 338, 262, 367}, REFUSED, FILTER_WHOLE},
    {"open_by_handle_at", {304, 342, 265, 371}, REFUSED, FILTER_WHOLE}, /* any file of a disk */
    {"socket", {41, 359, 198, 281}, SOCKET, FILTER_WHOLE},
    {"personality", {135, 136, 92, 136}, PERSONALITY, FILTER_WHOLE},

    /* Other processes. ptrace is safe: it never gets beyond the filter (Linux 4.8). */
    {"kcmp", {312, 349, 272, 378}, REFUSED, FILTER_WHOLE},
    {"pidfd_getfd", {438, 438, 438, 438}, REFUSED, FILTER_WHOLE},
    {"process_madvise", {440, 440, 440, 440}, REFUSED, FILTER_WHOLE},
    {"mbind", {237, 274, 235, 319}, REFUSED, FILTER_WHOLE},
    {"get_mempolicy", {239, 275, 236, 320}, REFUSED, FILTER_WHOLE},
    {"set_mempolicy", {238, 276, 237, 321}, REFUSED, FILTER_WHOLE},
    {"set_mempolicy_home_node", {450, 450, 450, 450}, REFUSED, FILTER_WHOLE},
    {"migrate_pages", {256, 294, 238, 400}, REFUSED, FILTER_WHOLE},
    {"move_pages", {279, 317, 239, 344}, REFUSED, FILTER_WHOLE},

    /* The machine: its clock, its ports, its name, its terminals. */
    {"settimeofday", {164, 79, 170, 79}, REFUSED, FILTER_WHOLE},
    {"clock_settime", {227, 264, 112, 262}, REFUSED, FILTER_WHOLE},
    {"clock_settime64", {NO, 404, NO, 404}, REFUSED, FILTER_WHOLE},
    {"stime", {NO, 25, NO, NO}, REFUSED, FILTER_WHOLE},
    {"ioperm", {173, 101, NO, NO}, REFUSED, FILTER_WHOLE},
    {"iopl", {172, 110, NO, NO}, REFUSED, FILTER_WHOLE},
    {"vm86", {NO, 166, NO, NO}, REFUSED, FILTER_WHOLE},
    {"vm86old", {NO, 113, NO, NO}, REFUSED, FILTER_WHOLE},
    {"sethostname", {170, 74, 161, 74}, REFUSED, FILTER_WHOLE},
    {"setdomainname", {171, 121, 162, 121}, REFUSED, FILTER_WHOLE},
    {"vhangup", {153, 111, 58, 111}, REFUSED, FILTER_WHOLE},

    /* Long forgotten, and seldom looked after. */
    {"lookup_dcookie", {212, 253, 18, 249}, REFUSED, FILTER_WHOLE},
    {"_sysctl", {156, 149, NO, 149}, REFUSED, FILTER_WHOLE},
    {"nfsservctl", {180, 169, 42, 169}, REFUSED, FILTER_WHOLE},
    {"vserver", {236, 273, NO, 313}, REFUSED, FILTER_WHOLE},
    {"sysfs", {139, 135, NO, 135}, REFUSED, FILTER_WHOLE},
    {"ustat", {136, 62, NO, 62}, REFUSED, FILTER_WHOLE},
    {"uselib", {134, 86, NO, 86}, REFUSED, FILTER_WHOLE},
};
enum { RULES = sizeof rules / sizeof *rules };

/* What came after this call nobody here has thought about: ENOSYS, in the whole filter. So is
 * x32, whose numbers are those of x86-64 and a high bit: few kernels have it. */
enum { NEWEST = 469 /* file_setattr */ };

/* Every way to make system calls on this kind of machine. */
static const struct machine {
    uint32_t arch;
    int numbering;
    uint32_t own; /* from here on, calls that only it has and that do no harm; 0: none */
} machines[] = {
#if defined __x86_64__
    {AUDIT_ARCH_X86_64, X86_64, 0},
    {AUDIT_ARCH_I386, I386, 0},
#elif defined __aarch64__ && defined __AARCH64EL__
    {AUDIT_ARCH_AARCH64, GENERIC, 0},
    {AUDIT_ARCH_ARM, ARM, 0x0f0000},
#elif defined __riscv && __riscv_xlen == 64
    {AUDIT_ARCH_RISCV64, GENERIC, 0},
#else
    {0, 0, 0},
#endif
};
enum { MACHINES = sizeof machines / sizeof *machines };

struct code {
    struct sock_filter line[1024];
    unsigned short count;
};

static void put(struct code *c, struct sock_filter line) {
    c->line[c->count++] = line;
}

static void load(struct code *c, size_t offset) {
    put(c, (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (uint32_t)offset));
}

static void load_argument(struct code *c, int which) {
    size_t low = __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? 0 : 4;
    load(c, offsetof(struct seccomp_data, args) + 8 * (size_t)which + low);
}

/* A jump over what comes next, which is to be put now; `land` says where that ends. */
static unsigned short jump(struct code *c, unsigned short how, uint32_t value) {
    put(c, (struct sock_filter)BPF_JUMP((unsigned short)(BPF_JMP | how | BPF_K), value, 0, 0));
    return (unsigned short)(c->count - 1);
}

/* Answers stand once, at the end of the code for a machine: until then a jump there is one of
 * these lengths. */
enum answer { ALLOW = 255, REFUSE = 254, UNKNOWN = 253 };
static const uint32_t answers[] = {SECCOMP_RET_ALLOW, SECCOMP_RET_ERRNO | EPERM,
                                   SECCOMP_RET_ERRNO | ENOSYS};

/* If what was loaded is so, the one answer; else the other, or what comes next (0). */
static void decide(struct code *c, unsigned short how, uint32_t value, int yes, int no) {
    put(c, (struct sock_filter)BPF_JUMP((unsigned short)(BPF_JMP | how | BPF_K), value,
                                        (unsigned char)yes, (unsigned char)no));
}

static void put_answers(struct code *c, unsigned short from) {
    unsigned short end = c->count;
    for (unsigned short i = from; i < end; i++) {
        struct sock_filter *l = c->line + i;
        if (BPF_CLASS(l->code) != BPF_JMP || BPF_OP(l->code) == BPF_JA)
            continue;
        if (l->jt >= UNKNOWN)
            l->jt = (unsigned char)(end + ALLOW - l->jt - i - 1);
        if (l->jf >= UNKNOWN)
            l->jf = (unsigned char)(end + ALLOW - l->jf - i - 1);
    }
    for (int i = 0; i < 3; i++)
        put(c, (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, answers[i]));
}

/* The arguments of a call that is allowed with some of them. */
static void look_at_arguments(struct code *c, enum action action) {
    static const uint32_t namespaces = CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC |
                                       CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET;
    load_argument(c, action == TYPING ? 1 : 0);
    switch (action) {
    case TYPING:
        decide(c, BPF_JEQ, TIOCSTI, REFUSE, 0);
        decide(c, BPF_JEQ, TIOCLINUX, REFUSE, ALLOW);
        break;
    case CLONING:
        decide(c, BPF_JSET, namespaces, REFUSE, ALLOW);
        break;
    case UNSHARING: /* CLONE_NEWTIME means something else to clone */
        decide(c, BPF_JSET, namespaces | CLONE_NEWTIME, REFUSE, ALLOW);
        break;
    case PERSONALITY:
        decide(c, BPF_JEQ, 0xffffffff /* which is it? */, ALLOW, 0);
        decide(c, BPF_JSET, ~(uint32_t)(UNAME26 | PER_LINUX32), REFUSE, ALLOW);
        break;
    case SOCKET:
        decide(c, BPF_JEQ, AF_ALG, REFUSE, 0);
        decide(c, BPF_JEQ, AF_VSOCK, REFUSE, ALLOW);
        break;
    case REFUSED:
    case ABSENT:
        break;
    }
}

struct call {
    uint32_t number;
    enum action action;
};

static int by_number(const void *a, const void *b) {
    uint32_t one = ((const struct call *)a)->number, other = ((const struct call *)b)->number;
    return (one > other) - (one < other);
}

/* The number is loaded. In halves, so that what is allowed, which is most, takes few steps. */
static void look_for(struct code *c, const struct call *calls, int count) {
    if (count > 1) {
        int half = count / 2;
        unsigned short over = jump(c, BPF_JGE, calls[half].number);
        look_for(c, calls, half);
        c->line[over].jt = (unsigned char)(c->count - over - 1);
        look_for(c, calls + half, count - half);
    } else if (calls->action == REFUSED) {
        decide(c, BPF_JEQ, calls->number, REFUSE, ALLOW);
    } else if (calls->action == ABSENT) {
        decide(c, BPF_JEQ, calls->number, UNKNOWN, ALLOW);
    } else {
        decide(c, BPF_JEQ, calls->number, 0, ALLOW);
        look_at_arguments(c, calls->action);
    }
}

static void for_machine(struct code *c, const struct machine *m, enum filter filter) {
    struct call calls[RULES];
    int count = 0;
    for (int i = 0; i < RULES; i++)
        if ((int)filter <= rules[i].loosest && rules[i].number[m->numbering] != NO)
            calls[count++] = (struct call){(uint32_t)rules[i].number[m->numbering],
                                           (enum action)rules[i].action};
    qsort(calls, (size_t)count, sizeof *calls, by_number);

    load(c, offsetof(struct seccomp_data, arch));
    put(c, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, m->arch, 1, 0));
    unsigned short over = c->count;
    put(c, (struct sock_filter)BPF_STMT(BPF_JMP | BPF_JA, 0));
    unsigned short begin = c->count;
    load(c, offsetof(struct seccomp_data, nr));
    if (m->own)
        decide(c, BPF_JGE, m->own, ALLOW, 0);
    if (filter == FILTER_WHOLE)
        decide(c, BPF_JGT, NEWEST, UNKNOWN, 0);
    else if (m->arch == AUDIT_ARCH_X86_64)
        decide(c, BPF_JGE, 0x40000000, UNKNOWN, 0); /* x32 */
    look_for(c, calls, count);
    put_answers(c, begin);
    c->line[over].k = (uint32_t)(c->count - over - 1);
}

static void install(struct code *code) {
    struct sock_fprog program = {.len = code->count, .filter = code->line};
    /* The flag: programs stay as fast as without. */
    must((int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_SPEC_ALLOW,
                      &program),
         "limit the system calls of", "the command");
}

void seccomp_ignore_owners(void) {
    /* chown, lchown, fchown, fchownat, and with longer numbers chown32, lchown32, fchown32 */
    static const short calls[NUMBERINGS][8] = {[X86_64] = {92, 94, 93, 260},
                                               [I386] = {182, 16, 95, 298, 212, 198, 207},
                                               [GENERIC] = {55, 54},
                                               [ARM] = {182, 16, 95, 325, 212, 198, 207}};
    struct code code = {.count = 0};
    for (int i = 0; i < MACHINES && machines[0].arch; i++)
        for (const short *call = calls[machines[i].numbering]; *call; call++) {
            load(&code, offsetof(struct seccomp_data, arch));
            decide(&code, BPF_JEQ, machines[i].arch, 0, 3);
            load(&code, offsetof(struct seccomp_data, nr));
            decide(&code, BPF_JEQ, (uint32_t)*call, 0, 1);
            put(&code, (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | 0));
        }
    put(&code, (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW));
    install(&code);
}

void seccomp_install(enum filter filter) {
    if (!machines[0].arch && filter == FILTER_WHOLE)
        fail((struct failure){.step = "isolate the command",
                              .reason =
                                  "plash does not know the numbers of this machine's system calls",
                              .remedy = "With --seccomp off the command may make all of them"});
    if (!machines[0].arch) {
        setsid(); /* without the terminal, then, and without job control */
        return;
    }
    struct code code = {.count = 0};
    for (int i = 0; i < MACHINES; i++)
        for_machine(&code, machines + i, filter);
    /* Of no machine there is. */
    put(&code, (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS));
    install(&code);
}

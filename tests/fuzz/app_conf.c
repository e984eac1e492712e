/* app.conf of one executable file, and words for it: whatever they are, it is refused with one
 * line, or all that is made of it is whole strings. */
#include "base/fail.h"
#include "onefile/conf.h"
#include "onefile/words.h"

#include <stdarg.h>

#include "fuzz.h"

/* The linker puts it in the place of _exit (--wrap), which is where failures end. */
_Noreturn void __wrap__exit(int status);
static jmp_buf out;
_Noreturn void __wrap__exit(int status) {
    never(status != 2 && status != 1);
    longjmp(out, 1);
}

ssize_t __wrap_write(int fd, const void *bytes, size_t size);
ssize_t __wrap_write(int fd, const void *bytes, size_t size) {
    never(fd < 0 || !size || memchr(bytes, '\n', size - 1) ||
          ((const char *)bytes)[size - 1] != '\n');
    return (ssize_t)size;
}

/* The program ends soon, and frees nothing: that is done here. */
static void *kept[1 << 16];
static size_t count;

static void *keep(void *memory) {
    never(!memory || count == sizeof kept / sizeof *kept);
    return kept[count++] = memory;
}
static void forget(const void *memory) {
    for (size_t i = count; memory && i-- > 0;)
        if (kept[i] == memory) {
            kept[i] = kept[--count];
            return;
        }
}

void *__wrap_calloc(size_t number, size_t size);
void *__real_calloc(size_t number, size_t size);
void *__wrap_calloc(size_t number, size_t size) {
    return keep(__real_calloc(number, size));
}
void *__wrap_realloc(void *memory, size_t size);
void *__real_realloc(void *memory, size_t size);
void *__wrap_realloc(void *memory, size_t size) {
    forget(memory);
    return keep(__real_realloc(memory, size));
}
int __wrap_vasprintf(char **text, const char *format, va_list values);
int __real_vasprintf(char **text, const char *format, va_list values);
int __wrap_vasprintf(char **text, const char *format, va_list values) {
    int n = __real_vasprintf(text, format, values);
    keep(*text);
    return n;
}
char *__wrap_realpath(const char *path, char *room);
char *__real_realpath(const char *path, char *room);
char *__wrap_realpath(const char *path, char *room) {
    char *found = __real_realpath(path, room);
    return found ? keep(found) : NULL;
}
void __wrap_free(void *memory);
void __real_free(void *memory);
void __wrap_free(void *memory) {
    forget(memory);
    __real_free(memory);
}

static void whole(const char *text) {
    never(text && strlen(text) > 12000);
}

/* The words are behind the last "\1". */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    const uint8_t *mark = memrchr(data, 1, size);
    size_t length = mark ? (size_t)(mark - data) : size;
    char *text = text_of(data, length);
    char *typed = text_of(mark ? mark + 1 : data, mark ? size - length - 1 : 0), *rest = typed;
    char *words[34] = {NULL};
    for (int n = 0; n < 33 && (words[n] = strsep(&rest, "\n")); n++)
        ;
    exit_status_of_failure = 1;
    if (setjmp(out) == 0) {
        struct conf c = conf_read(text, length);
        whole(c.name);
        for (int i = 0; i < c.argument_count; i++)
            whole(c.arguments[i].parameter);
        struct words w = words_of_app(&c, "app", words);
        for (int i = 0; i < w.variables.count; i++)
            never(!strchr(w.variables.words[i], '='));
        never(!strchr(w.id, '.') || (w.collects && !*w.output));
    }
    while (count)
        __real_free(kept[--count]);
    free(text);
    free(typed);
    return 0;
}

#include "onefile/appimage.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/answer.h"
#include "base/fail.h"
#include "mount/pivot_root.h"
#include "onefile/server.h"
#include "onefile/start.h"

/* What tools for AppImages look for in the program, and may fill in. */
#define SECTION(name) __attribute__((section(name))) static const volatile char
SECTION(".upd_info") update_information[1024] = "";
SECTION(".sha256_sig") signature[1024] = "";
SECTION(".sig_key") signature_key[8192] = "";

static const char before[] = "--appimage-";

bool is_appimage_word(const char *word) {
    return !strncmp(word, before, sizeof before - 1);
}

static _Noreturn void done(void) {
    answer_is_out();
    exit(0);
}

static _Noreturn void print_section(const volatile char *text, size_t size) {
    size_t n = 0;
    for (; n < size && text[n]; n++)
        putchar(text[n]);
    if (n)
        putchar('\n');
    done();
}

static _Noreturn void help(void) {
    puts("--appimage-extract [PATTERN]   unpack what is in this file to squashfs-root\n"
         "--appimage-mount               mount it, print where, and wait for Ctrl-C\n"
         "--appimage-extract-and-run     unpack it to the cache first, then run it\n"
         "--appimage-offset              print where in this file the squashfs begins\n"
         "--appimage-version             print the version of the runtime\n"
         "--appimage-updateinformation   print where newer versions are, if that is known\n"
         "--appimage-signature           print the signature, if there is one\n"
         "--appimage-help                print this; --app-help is the help of the app");
    done();
}

static _Noreturn void extract(struct contents *c, const char *pattern) {
    static const char to[] = "squashfs-root";
    if (mkdir(to, 0755) < 0 && errno != EEXIST)
        must(-1, "make", to);
    int into = must(open(to, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC), "open", to);
    contents_extract(c, into, pattern);
    puts(to);
    done();
}

/* Nothing of it is left when this process ends, however it does: the mount is in a namespace of its
 * own, which others see through /proc. */
static _Noreturn void mount_it(struct contents *c) {
    contents_open(c);
    struct server server = server_start(&c->image, c->image.root);
    struct identity me = namespaces_enter();
    int view = start_view(&server, me.map);
    root_attach(view, -1);
    must(fchdir(view), "enter", "the mount");
    must(chroot("."), "enter", "the mount");
    must(prctl(PR_SET_DUMPABLE, 1), "let others see", "the mount"); /* of this user */
    printf("/proc/%d/root\n", getpid());
    answer_is_out();
    for (;;)
        pause();
}

void appimage_do(struct contents *c, char **words) {
    const char *word = words[0] + sizeof before - 1;
    bool takes_two = !strcmp(word, "extract");
    if (!strcmp(word, "extract-and-run"))
        return;
    if (words[1] && !takes_two)
        refuse("there is nothing after %s", words[0]);
    if (!strcmp(word, "help"))
        help();
    if (!strcmp(word, "version")) {
        puts("plash-app " PLASH_VERSION);
        done();
    }
    if (!strcmp(word, "updateinformation"))
        print_section(update_information, sizeof update_information);
    __asm__ volatile("" ::"r"(signature_key)); /* else the linker drops what nothing refers to */
    if (!strcmp(word, "signature"))
        print_section(signature, sizeof signature);
    if (c->beside)
        refuse("there is no squashfs in this file: it is unpacked already");
    if (!strcmp(word, "offset")) {
        printf("%" PRIu64 "\n", c->payload.begin);
        done();
    }
    if (!strcmp(word, "extract"))
        extract(c, words[1]);
    if (!strcmp(word, "mount"))
        mount_it(c);
    refuse("there is no word %s. See --appimage-help", words[0]);
}

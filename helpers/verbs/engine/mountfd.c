/* engine:mountfd — an image as descriptors, mounted for as long as somebody holds one. */
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/fail.h"
#include "base/fdpass.h"
#include "base/json.h"
#include "base/options.h"
#include "image/image_mount.h"
#include "mount/pivot_root.h"
#include "store/store.h"
#include "userns/userns.h"
#include "verbs/verbs.h"

/* For who sees the owners from outside. Somebody with hundreds of ranges must do without. */
static void put_ids(struct json *j, const char *key, const char *path) {
    const char *ids = ids_mapped(path);
    if (strlen(ids) < 1500)
        json_text(j, key, ids);
}

int verb_engine_mountfd(int argc, char **argv) {
    const char *upper = NULL;
    int sock = -1;
    const struct option known[] = {
        {"--upper", .text = &upper}, {"--sock", .descriptor = &sock}, {0}};
    int at = words_read(argc, argv, known, 2, 2);
    if (sock < 0)
        usage_of(argv[0]);

    struct store s = store_at(argv[at]);
    struct mounting m = {.store = s.path, .image = image_named(&s, argv[at + 1])};
    int sent[MOST_SENT] = {-1, -1, image_lock(&s, &m.image)};
    size_t count = 3;
    if (upper) {
        m.changes = changes_take(upper);
        sent[count++] = m.changes.lock;
    }
    struct identity me = namespaces_enter();
    sent[0] = mount_image(&m, NULL);
    /* What a mount gives can be searched, not read. */
    sent[1] = must(openat(sent[0], ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC), "open", "the image");

    struct json j;
    ready_open(&j, &me, &m);
    put_ids(&j, "uids", "/proc/self/uid_map");
    put_ids(&j, "gids", "/proc/self/gid_map");
    json_close(&j);
    descriptors_send(sock, j.text, j.length, sent, count);
    return 0;
}

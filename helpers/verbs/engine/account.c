/* engine:account — as whom an image wants to be run, and as whom it can be. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/answer.h"
#include "base/environment.h"
#include "base/fail.h"
#include "base/options.h"
#include "base/rooted_path.h"
#include "image/image_mount.h"
#include "mount/pivot_root.h"
#include "process/lifeline.h"
#include "run/privileges.h"
#include "userns/userns.h"
#include "verbs/verbs.h"

static char *list_of(const struct user *u) {
    char *list = must_copy("[");
    for (int i = 0; i < u->count; i++)
        list = must_print("%s%s%u", list, i ? "," : "", u->groups[i]);
    return must_print("%s]", list);
}

int verb_engine_account(int argc, char **argv) {
    int at = words_read(argc, argv, NULL, 2, 2);
    struct store s = store_at(argv[at]);
    struct runconf conf;
    struct mounting m = {.store = s.path, .image = image_named(&s, argv[at + 1]), .conf = &conf};
    image_lock(&s, &m.image);
    struct identity me = namespaces_enter();
    watch_lifeline();
    int root = mount_image(&m, NULL);
    char *where = must_print("image %s", m.image.id);
    struct user u = user_inside(root, conf.user ? conf.user : "", where);

    struct json j;
    json_open(&j);
    json_text(&j, "map", map_name(me.map));
    json_number(&j, "uid", u.uid);
    json_number(&j, "gid", u.gid);
    json_raw(&j, "groups", list_of(&u));
    json_text(&j, "home", u.home);
    json_text(&j, "shell", u.shell);
    json_text(&j, "path", path_inside(inside_read(root, "etc/environment")));
    json_text(&j, "uids", ids_mapped("/proc/self/uid_map"));
    json_text(&j, "gids", ids_mapped("/proc/self/gid_map"));
    json_answer(&j);
    return 0;
}

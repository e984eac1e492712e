/* plashui — starts the Python of this installation, out of reach of the caller's PYTHONPATH,
 * PYTHONHOME and working directory (python -I).
 *
 * A script could not: installers write the first line of a script anew, without options. */
#include <glob.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <unistd.h>

/* Cuts the name of a file off its path. */
static bool directory_of(char *path) {
    char *slash = strrchr(path, '/');
    if (slash)
        *slash = 0;
    return slash;
}

/* Execute `name -I -m plashui WORDS`; return if there is no such program. With `packages`, the
 * directory that holds plashui, Python starts without `site`, which is slow (plashui/elsewhere.py).
 */
static void become_python(const char *name, const char *isolated, const char *packages, int argc,
                          char **argv) {
    char **words = calloc((size_t)argc + 5, sizeof *words), start[PATH_MAX];
    if (!words)
        return;
    words[0] = (char *)name;
    words[1] = (char *)isolated;
    words[2] = "-m";
    words[3] = "plashui";
    if (packages && snprintf(start, sizeof start, "%s/plashui/__main__.py", packages) < PATH_MAX &&
        !access(start, R_OK)) { /* else it is elsewhere, as one installed for development */
        words[2] = "-S";
        words[3] = start;
    }
    for (int i = 1; i < argc; i++)
        words[3 + i] = argv[i];
    execvp(name, words);
    free(words);
}

/* Do the same with the Python in a directory. */
static void become_python_in(const char *directory, const char *name, const char *packages,
                             int argc, char **argv) {
    char path[PATH_MAX];
    if (snprintf(path, sizeof path, "%s/%s", directory, name) < (int)sizeof path)
        become_python(path, "-I", packages, argc, argv);
}

/* Execute the Python into whose packages plashui was installed: PREFIX/lib/python3.11/... belongs
 * to python3.11. That Python is in PREFIX/bin, unless PREFIX is /usr/local or a person's ~/.local,
 * whose packages `-I` would leave out. */
static void become_python_of(const char *directory, int argc, char **argv) {
    char pattern[PATH_MAX], local[PATH_MAX];
    const char *home = getenv("HOME");
    snprintf(local, sizeof local, "%s/.local/bin", home ? home : "");
    bool is_persons = home && !strcmp(local, directory);
    glob_t found = {0};
    if (snprintf(pattern, sizeof pattern, "%s/../lib*/python3*/*-packages/plashui-*.dist-info",
                 directory) >= (int)sizeof pattern ||
        glob(pattern, 0, NULL, &found))
        return;
    for (size_t i = found.gl_pathc; i-- > 0;) {
        char packages[PATH_MAX], *python = found.gl_pathv[i];
        directory_of(python);
        if (!realpath(python, packages))
            continue;
        directory_of(python);
        python = strrchr(python, '/') + 1;
        become_python_in(directory, python, packages, argc, argv);
        if (is_persons)
            unsetenv("PYTHONUSERBASE"); /* -E does not keep it out */
        become_python(python, is_persons ? "-EP" : "-I", packages, argc, argv);
    }
}

int main(int argc, char **argv) {
    char self[PATH_MAX] = "", called[PATH_MAX] = "";
    ssize_t length = readlink("/proc/self/exe", self, sizeof self - 1);
    self[length > 0 ? length : 0] = 0;
    const char *name = (const char *)getauxval(AT_EXECFN);
    if (name && strlen(name) < sizeof called)
        strcpy(called, name);
    bool knows_self = directory_of(self), knows_called = directory_of(called);
    if (knows_self) {
        become_python_of(self, argc, argv);
        become_python_in(self, "python3", NULL, argc, argv);
    }
    if (knows_called) /* by a link, as in an environment for development */
        become_python_in(called, "python3", NULL, argc, argv);
    become_python("python3", "-I", NULL, argc, argv);
    fputs("plash error: cannot start python3: it is neither beside plashui nor in PATH\n", stderr);
    return 1;
}

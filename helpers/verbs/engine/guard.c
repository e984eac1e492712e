/* engine:guard — outlives an app that is killed, and makes its terminal usable again.
 *
 * An app draws on the alternate screen, with the keyboard unbuffered and the mouse
 * reported. Killed with SIGKILL it cannot undo that. This process waits on the
 * lifeline, whose other end the kernel closes whatever happens to the app. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "base/fail.h"
#include "base/options.h"
#include "verbs/verbs.h"

/* No mouse, no focus reports, no bracketed paste, no kitty keys, no synchronized output;
 * the main screen, the cursor, plain text, the window's title of before. */
static const char leave[] = "\033[?1000l\033[?1002l\033[?1003l\033[?1015l\033[?1006l\033[?1004l"
                            "\033[?2004l\033[<u\033[?2026l\033[?1049l\033[?25h\033[0m"
                            "\033]2;\033\\\033[23;2t\r\n";

/* Whoever reads the terminal now may have set it up already: a shell's line editor
 * keeps the signal keys, which an app has switched off. */
static void unraw(int terminal) {
    struct termios modes;
    if (tcgetattr(terminal, &modes) < 0 || modes.c_lflag & (ICANON | ECHO | ISIG))
        return;
    modes.c_lflag |= ICANON | ECHO | ISIG | IEXTEN;
    modes.c_iflag |= ICRNL | IXON;
    modes.c_oflag |= OPOST | ONLCR;
    tcsetattr(terminal, TCSANOW, &modes);
}

/* The app tells by a byte: `l` the terminal is lent to another program, `t` taken back,
 * `q` the app has left in order. True if it was killed while it held the terminal. */
static bool was_killed(void) {
    bool holds = true;
    for (;;) {
        char byte = 'q';
        ssize_t n = read(lifeline_fd, &byte, 1);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return n == 0 && holds;
        if (byte == 'q')
            return false;
        holds = byte == 't';
    }
}

int verb_engine_guard(int argc, char **argv) {
    words_read(argc, argv, NULL, 0, 0);
    if (lifeline_fd < 0)
        usage_of(argv[0]);
    int terminal = must(open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY), "open", "/dev/tty");
    /* What the keyboard sends is for the app; and writing to a terminal from the
     * background must not stop us. */
    static const int deaf[] = {SIGINT, SIGQUIT, SIGTSTP, SIGTTOU, SIGTTIN, SIGHUP};
    for (size_t i = 0; i < sizeof deaf / sizeof *deaf; i++)
        signal(deaf[i], SIG_IGN);
    if (was_killed()) {
        unraw(terminal);
        if (write(terminal, leave, strlen(leave)) < 0)
            return 1;
    }
    return 0;
}

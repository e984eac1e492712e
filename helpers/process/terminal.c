#include "process/terminal.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <termios.h>
#include <unistd.h>

static int terminal = -1;
static bool ours; /* our process group was in the foreground */
static struct termios modes;

void terminal_remember(void) {
    terminal = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
    if (terminal < 0)
        return; /* no controlling terminal */
    ours = tcgetpgrp(terminal) == getpgrp() && tcgetattr(terminal, &modes) == 0;
}

void terminal_resumed(void) {
    if (terminal >= 0)
        ours = tcgetpgrp(terminal) == getpgrp();
}

/* A shell inside makes itself the foreground group, and one that is killed cannot undo
 * it: whoever reads from the terminal next would get EIO. But if the group in front
 * is the one of the session's shell, our job was put into the background, and the
 * terminal is not ours to take. */
void terminal_take_back(void) {
    if (terminal < 0 || !ours)
        return;
    pid_t front = tcgetpgrp(terminal), mine = getpgrp(), leader = getsid(0);
    if (front >= 0 && front != mine && front == getpgid(leader))
        return;
    /* From the background, tcsetpgrp and tcsetattr raise SIGTTOU; blocked, they work. */
    sigset_t ttou, before;
    sigemptyset(&ttou);
    sigaddset(&ttou, SIGTTOU);
    sigprocmask(SIG_BLOCK, &ttou, &before);
    if (front != mine)
        tcsetpgrp(terminal, mine);
    tcsetattr(terminal, TCSADRAIN, &modes);
    sigprocmask(SIG_SETMASK, &before, NULL);
}

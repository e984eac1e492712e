/* The Python half, beside this program. */
#pragma once

/* `plashui ARGV…`, or an error that says where it was looked for. */
_Noreturn void hand_over(char **argv);

/* Returns where there is no plashui. */
void hand_over_if_there(char **argv);

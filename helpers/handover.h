/* The Python half, beside this program. */
#pragma once

/* `plashui ARGV…`, or an error that says where it was looked for. */
_Noreturn void hand_over(char **argv);

/* The same for the words of a verb alone. */
_Noreturn void hand_over_verb(char **words);

/* Returns where there is no plashui. */
void hand_over_if_there(char **argv);

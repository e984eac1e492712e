/* Handing a verb to plashui, the Python half, which is installed beside this program. */
#pragma once

/* Execute `plashui ARGV…`; or fail, and name the places searched. */
_Noreturn void hand_over(char **argv);

/* Do the same, but return if plashui is not installed. */
void hand_over_if_there(char **argv);

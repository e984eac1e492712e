/* Words as they would be typed in a shell. */
#pragma once

/* As `shlex.join` of Python has it: each quoted only where it must be. */
char *words_quoted(char **words);

/* Quoting words for a shell. */
#pragma once

/* Join words as Python's shlex.join does: a word is quoted only if it must be. */
char *words_quoted(char **words);

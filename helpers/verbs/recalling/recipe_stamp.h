/* Builds of macros that were done before, found without plashui: it leaves a stamp that says which
 * image came of a build, and all that this depends on (plashui/recipes/stamp.py). */
#pragma once

#include <stdbool.h>

/* `plash --from X ... [-- CMD]`, `plash ./file ARGS`, `plash b VERB ...`: if the stamp holds, print
 * the id or become the run of the command, or the verb; else return. */
void recipe_try(int argc, char **argv);

/* Whether these words are `build MACROS`: the ones after it begin with an option that `build ID
 * CMD` does not have. */
bool recipe_is(char **words);

/* `plash build MACROS`: print the id, and return true; or false. */
bool recipe_try_build(char **macros);

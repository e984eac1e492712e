/* Calling a verb from a verb: of this program, or of plashui. */
#pragma once

/* Run the verb and words `words` (ends with NULL) as if they had been typed; return the exit
 * status. */
int call_verb(char **words);

/* Run a verb, and return the id of the image that it prints. If it fails, end as it ended. */
char *image_of_verb(char **words);

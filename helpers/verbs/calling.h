/* Verbs that run a verb: this program's own, or plashui's. */
#pragma once

/* Does what `words` say (a verb, its words, NULL), as if they had been typed; the exit status. */
int call_verb(char **words);

/* The id of the image that it makes. Where it fails, it has said why, and we end as it did. */
char *image_of_verb(char **words);

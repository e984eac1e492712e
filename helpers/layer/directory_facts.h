/* What is known of a directory beside what is in it. */
#pragma once

/* Give the directory `to` the mode, owner, attributes and times of the directory `from`, but no
 * marks of an overlay. `path` is for messages. */
void facts_copy(int from, int to, const char *path);

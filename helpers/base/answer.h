/* Answers on standard output. A verb fails if its answer cannot be written. */
#pragma once

#include "base/json.h"

/* Print one line of JSON. */
void json_answer(struct json *j);

/* Print the id of a new image. The image has no name yet: without this line nobody finds it. */
void answer_image(const char *id);

/* Flush standard output, or fail. */
void answer_is_out(void);

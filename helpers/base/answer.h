/* What is printed on standard output, and must get there. */
#pragma once

#include "base/json.h"

/* One line of JSON. */
void json_answer(struct json *j);

/* The id of a new image, as the answer. It has no name yet, and is found by nothing else. */
void answer_image(const char *id);

/* What was printed on standard output has got there, or fail. */
void answer_is_out(void);

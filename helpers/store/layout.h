/* The directories and files that make up a store: making them. */
#pragma once

#include "store/store.h"

/* Return the store of this process (store_here); make or complete it first if needed. */
struct store store_made(void);

/* Fail with the reason why the store cannot be written to, and a remedy. */
_Noreturn void layout_trouble(const char *step, const struct store *s, int error);

/* What a store is made of: made where it is missing. */
#pragma once

#include "store/store.h"

/* The store of this process (store_here), made or completed first. Harmless if it is whole. */
struct store store_made(void);

/* Ends with why the store cannot be written to, and what to do about it. */
_Noreturn void layout_trouble(const char *step, const struct store *s, int error);

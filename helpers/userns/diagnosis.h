/* Why there is no namespace, or only a small one: decided by looking, since an errno says
 * little. */
#pragma once

#include "base/fail.h"

struct failure diagnosis_of_namespace(const char *step, int error);

/* Of mounts_become_ours, which is where AppArmor's fence shows if newuidmap works. */
struct failure diagnosis_of_mounts(int error);

/* Of MAP_SINGLE: `why` is what userns.c found. Asked outside of the namespace. */
struct failure diagnosis_of_single(const char *why);

/* -1 if it cannot be read, as where the kernel does not know it. */
long kernel_setting(const char *path);

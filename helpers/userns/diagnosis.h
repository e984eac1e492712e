/* Why a namespace could not be made, or only a limited one, and the remedy. An errno says little:
 * this checks the machine's settings. */
#pragma once

#include "base/fail.h"

/* What else this program can do where no user namespace can be made: it ends the remedy. NULL:
 * nothing. */
extern const char *instead_of_namespaces;

struct failure diagnosis_of_namespace(const char *step, int error);

/* Explain a failure of mounts_become_ours. If newuidmap works, AppArmor refuses only there. */
struct failure diagnosis_of_mounts(int error);

/* Explain MAP_SINGLE; `why` is the reason found by userns.c. Call it outside the namespace. */
struct failure diagnosis_of_single(const char *why);

/* Read a sysctl; -1 if it cannot be read, e.g. because the kernel does not have it. */
long kernel_setting(const char *path);

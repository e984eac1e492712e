/* What is wrong with an archive: "cannot extract the tar: etc/x: why". */
#pragma once

#include "base/fail.h"

enum { BAD_ARCHIVE = 2 }; /* the exit status */

/* What the archive is for, "extract the tar"; part of each message. */
extern const char *tar_purpose;

/* Refuse the archive: a sentence without its beginning. */
#define tar_refuse(...) tar_refuse_at(PLACE, __VA_ARGS__)
_Noreturn void tar_refuse_at(const char *place, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Return the result of a call for the member of this name; fail with its errno if it has. */
#define tar_must(...) tar_must_at(PLACE, __VA_ARGS__)
int tar_must_at(const char *place, int result, const char *name);

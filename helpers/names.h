/* The names of errnos, which no portable libc call gives. */
#pragma once

const char *name_of_errno(int error);

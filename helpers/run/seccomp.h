/* The system calls that a program in an isolated image may make. */
#pragma once

/* The strictest first; each includes the rules of the next. */
enum filter {
    FILTER_WHOLE,      /* denies what containers are usually denied */
    FILTER_NAMESPACES, /* denies new namespaces */
    FILTER_TYPING,     /* denies typing into the caller's terminal */
};

/* Install the filter for this process and its children. The process must be root of its user
 * namespace, or have set no_new_privs. */
void seccomp_install(enum filter filter);

/* Let changes of owners succeed and do nothing, for the same. Where there is no id but root's they
 * would all fail, and with them the package managers. */
void seccomp_ignore_owners(void);

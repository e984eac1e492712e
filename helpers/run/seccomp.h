/* The system calls that a program in an isolated image may make. */
#pragma once

/* From the strictest on; each has the rules of the next. */
enum filter {
    FILTER_WHOLE,      /* what containers usually are refused */
    FILTER_NAMESPACES, /* no namespaces are made */
    FILTER_TYPING,     /* nothing is typed into the caller's terminal */
};

/* For this process and all it starts, from here on. It must be root of its user namespace, or have
 * given up to get new privileges. */
void seccomp_install(enum filter filter);

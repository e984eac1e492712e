/* The end of the lifeline, a pipe from who started us, ends the work. */
#pragma once

/* A thread that ends the process when the lifeline does. Not for verbs with children. */
void watch_lifeline(void);
/* From here on it does not: what comes next is the end of the work, or says how it went. */
void finish_watching(void);

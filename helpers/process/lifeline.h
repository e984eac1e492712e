/* The lifeline: when this pipe from the caller is closed, the work ends. */
#pragma once

/* Start a thread that ends the process when the lifeline is closed. Not for verbs with children. */
void watch_lifeline(void);
/* Stop watching: from here on the work finishes, or reports its result. */
void finish_watching(void);

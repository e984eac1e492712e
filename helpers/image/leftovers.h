/* What killed programs have left in the store: work directories in tmp/, links in index/ and map/
 * that lead nowhere, drafts (NAME.PID.new). */
#pragma once

#include "base/directory.h"
#include "store/store.h"
#include "tree/delete.h"

struct swept {
    uint64_t directories, links;
    struct removed removed; /* the files of those directories, and the first that could not be */
};

/* Remove all of it. The process may be in a user namespace afterwards, and must not have threads.
 */
struct swept leftovers_sweep(const struct store *s);

/* Do the same without a word, and even if it fails. Verbs that change the store call this at the
 * end. */
void sweep(const struct store *s);

/* The steps of it. The first two look at processes and owners as this user sees them, which is not
 * so in a user namespace; the last needs one for files of subordinate ids, and enters it then. */

/* Find the work directories whose makers are gone, and that no mount writes to. */
struct names leftovers_find(const struct store *s);
/* Remove links and drafts; return how many links. `left` are those directories. */
uint64_t leftovers_unlink(const struct store *s, const struct names *left);
/* Remove those directories, each locked while it is removed. */
struct swept leftovers_remove(const struct store *s, const struct names *left);

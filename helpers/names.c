#include "names.h"

#include <errno.h>
#include <stdio.h>

#define NAME(e)                                                                                    \
    case e:                                                                                        \
        return #e

const char *name_of_errno(int error) {
    switch (error) {
        NAME(EPERM);
        NAME(ENOENT);
        NAME(EINTR);
        NAME(EIO);
        NAME(ENXIO);
        NAME(E2BIG);
        NAME(ENOEXEC);
        NAME(EBADF);
        NAME(EAGAIN);
        NAME(ENOMEM);
        NAME(EACCES);
        NAME(EFAULT);
        NAME(EBUSY);
        NAME(EEXIST);
        NAME(EXDEV);
        NAME(ENODEV);
        NAME(ENOTDIR);
        NAME(EISDIR);
        NAME(EINVAL);
        NAME(ENFILE);
        NAME(EMFILE);
        NAME(ETXTBSY);
        NAME(EFBIG);
        NAME(ENOSPC);
        NAME(EROFS);
        NAME(EMLINK);
        NAME(EPIPE);
        NAME(ERANGE);
        NAME(ENAMETOOLONG);
        NAME(ENOSYS);
        NAME(ENOTEMPTY);
        NAME(ELOOP);
        NAME(EOVERFLOW);
        NAME(EOPNOTSUPP);
        NAME(ESTALE);
        NAME(EDQUOT);
        NAME(ENODATA);
    default: {
        static char number[16];
        snprintf(number, sizeof number, "E%d", error);
        return number;
    }
    }
}

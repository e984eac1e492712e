/* Where the system's GNU tar is; "" if nowhere. */
#pragma once

const char *tar_path(void);

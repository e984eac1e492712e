"""SHA-256 of small things: hashlib loads OpenSSL, which takes longer than the rest."""

from __future__ import annotations

import sys

from plashui.base.light import TYPE_CHECKING

if TYPE_CHECKING:
    from hashlib import sha256 as sha256
else:
    try:
        # A name that this Python does not know is looked for elsewhere, which is slow.
        if "_sha2" in sys.stdlib_module_names:  # Python 3.12
            from _sha2 import sha256
        else:
            from _sha256 import sha256
    except ImportError:  # a Python without its own
        from hashlib import sha256  # noqa: F401

"""SHA-256 of small things: hashlib loads OpenSSL, which takes longer than the rest."""

from __future__ import annotations

from plashui.base.light import TYPE_CHECKING

if TYPE_CHECKING:
    from hashlib import sha256 as sha256
else:
    try:
        from _sha2 import sha256  # Python 3.12
    except ImportError:
        try:
            from _sha256 import sha256
        except ImportError:  # a Python without its own
            from hashlib import sha256  # noqa: F401

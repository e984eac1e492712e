"""The store as a registry that others pull from: OCI's distribution API, to read only.

`shelf` knows which images are there and what they are made of, `answers` what a request
asks for, `handler` speaks HTTP, `server` listens.
"""

from __future__ import annotations

from plashui.base.light import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Final

USER: Final = "plash"
"""The name that goes with a token where a client wants one."""

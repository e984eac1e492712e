"""The C program: where it is installed, and becoming it."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from plashui.base.errors import PlashError
from plashui.base.light import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import NoReturn


def program() -> str:
    """Return the path of the C program: $PLASHUI_HELPER, else the installed one."""
    chosen = os.environ.get("PLASHUI_HELPER")
    if chosen:
        return chosen
    # It is in PREFIX/bin; this file is in
    # PREFIX/lib/python3/site-packages/plashui/helper/.
    prefix = os.path.abspath(f"{__file__}/../../../../../..")
    for place in (os.path.dirname(sys.executable), f"{prefix}/bin"):
        if place and os.path.isfile(f"{place}/plash"):
            return f"{place}/plash"
    import shutil

    found = shutil.which("plash")
    if found is None:
        raise PlashError("the program plash is missing", "Reinstall plashui")
    return found


def become(words: Sequence[str]) -> NoReturn:
    """Replace this process by the helper running one of its verbs."""
    try:
        os.execv(program(), ["plash", *words])  # noqa: S606
    except OSError as error:
        raise PlashError(f"cannot start plash: {error.strerror}") from error

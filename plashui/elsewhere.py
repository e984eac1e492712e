"""Packages that do not lie beside ours: the system's, or what a .pth file names.

`site` sets up the places of all packages, which takes a third of the time in which
Python does nothing. Ours are nearly always beside us, and then nobody asks it.
"""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from importlib.machinery import ModuleSpec
    from types import ModuleType


class Elsewhere:
    """The last to be asked for a module: sets up `site`, and has all look again."""

    @classmethod
    def find_spec(
        cls,
        name: str,
        path: Sequence[str] | None = None,
        target: ModuleType | None = None,
    ) -> ModuleSpec | None:
        """Find a module wherever Python usually looks; None if there is none."""
        if name in sys.stdlib_module_names:  # of another system, as msvcrt is
            return None
        sys.meta_path.remove(cls)
        import site

        site.main()
        for finder in sys.meta_path:
            spec = finder.find_spec(name, path, target)
            if spec is not None:
                return spec
        return None

"""Importing packages that are not in our own directory, such as those of the system.

`site` sets up the directories of all packages, which takes a third of the time in
which an empty Python starts. Our packages are nearly always beside this one, and then
it is not needed.
"""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from importlib.machinery import ModuleSpec
    from types import ModuleType


class Elsewhere:
    """The last finder of modules: sets up `site` and asks all finders again."""

    @classmethod
    def find_spec(
        cls,
        name: str,
        path: Sequence[str] | None = None,
        target: ModuleType | None = None,
    ) -> ModuleSpec | None:
        """Find a module as Python usually does; None if there is none."""
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

r"""Macros: what the words of a recipe mean.

A module of one's own can have more of them, which `--import MODULE` reads from the
directory of the file. A macro is a function of its arguments that returns lines of
shell script:

    from plashui.recipes.macros import macro

    @macro
    def make_user(*names):
        "add users"
        return "\n".join(f"adduser -D {name}" for name in names)

`--make-user ann` is then that macro.
"""

from __future__ import annotations

from plashui.recipes.macros.table import macro

__all__ = ["macro"]

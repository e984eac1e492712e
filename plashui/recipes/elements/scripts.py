"""The files that the image of a definition file gets, where Singularity has them."""

from __future__ import annotations

from plashui.base.light import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Final

PLACE: Final = "/.singularity.d"
ENVIRONMENT: Final = f"{PLACE}/env/90-environment.sh"
OF_POST: Final = f"{PLACE}/env/91-environment.sh"
"""What %post appends lines to by the name $SINGULARITY_ENVIRONMENT."""
RUNSCRIPT: Final = f"{PLACE}/runscript"
EXEC: Final = f"{PLACE}/actions/exec"
RUN: Final = f"{PLACE}/actions/run"

_SOURCED: Final = f"""\
#!/bin/sh
for script in {PLACE}/env/*.sh; do
    if [ -f "$script" ]; then
        . "$script"
    fi
done
"""

SCRIPTS: Final = {
    EXEC: f'{_SOURCED}exec "$@"\n',
    RUN: f'{_SOURCED}exec {RUNSCRIPT} "$@"\n',
    "/exec": f'#!/bin/sh\nexec {EXEC} "$@"\n',
    "/sh": """\
#!/bin/sh
if [ -x /bin/bash ]; then
    exec /exec /bin/bash --norc "$@"
elif [ -x /bin/ash ]; then
    exec /exec /bin/ash "$@"
else
    exec /exec /bin/sh "$@"
fi
""",
}
"""Scripts that every such image has, by their paths."""


def runscript(words: str, text: str) -> str:
    """Return the runscript: `-c SHELL` behind %runscript names what reads it."""
    if text.startswith("#!"):
        return text
    shell = words.removeprefix("-c").strip() if words.startswith("-c") else ""
    return f"#!{shell or '/bin/sh'}\n{text}"

"""The files in an image by which enroot knows how it is run.

The format is enroot's (doc/image-format.md of NVIDIA/enroot): /etc/rc is a shell script
that gets the words of the command, /etc/environment has lines NAME=VALUE, /etc/fstab
what to mount in the container.
"""

from __future__ import annotations

import shlex

from plashui.base.light import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any, Final

_RC: Final = """\
#!/bin/sh
# Starts what the config of the image says; the words of a command replace its Cmd.
mkdir -p {directory} 2>/dev/null
cd {directory} || exit 1
unset OLDPWD
if [ $# -gt 0 ]; then
    exec {entrypoint}"$@"
fi
exec {command}
"""
_FSTAB_ESCAPES: Final = {ord(one): f"\\{ord(one):03o}" for one in " \t\n\\#"}
MOUNT_POINTS: Final = ("/dev", "/proc", "/sys", "/tmp", "/home")  # noqa: S108
"""What charliecloud mounts on, and cannot make in a squashfs."""


class File(NamedTuple):
    """A file that an image gets; a path that ends in a slash is a directory."""

    path: str
    content: str = ""
    mode: int = 0o644


def files(config: dict[str, Any]) -> tuple[list[File], list[str]]:
    """Return the files for an OCI config (`{"Env": …}`), and remarks for people.

    /etc/rc and /etc/fstab replace those of the image, /etc/environment only if the
    config has variables. The working directory and mount points are made where they
    are missing.
    """
    directory = f"/{_text(config.get('WorkingDir')).strip('/')}"
    made = [
        File("/etc/rc", _rc(config, directory), 0o755),
        File("/etc/fstab", _fstab(config.get("Volumes"))),
    ]
    variables = _texts(config.get("Env"))
    lines = [one for one in variables if "\n" not in one]
    if lines:
        text = "".join(f"{line}\n" for line in lines)
        made.append(File("/etc/environment", text))
    made += [File(f"{one}/") for one in (*MOUNT_POINTS, directory) if one != "/"]
    left = [one.partition("=")[0] for one in variables if "\n" in one]
    remarks = [f"{name} is left out: it has more than one line" for name in left]
    return made, remarks


def packed(files: Sequence[File]) -> bytes:
    """Return files as engine:with takes them."""
    fields = ((f"{one.mode:o}", one.path, one.content) for one in files)
    text = "".join(f"{field}\0" for fields_of in fields for field in fields_of)
    return text.encode("utf-8", "surrogateescape")


def _rc(config: dict[str, Any], directory: str) -> str:
    entrypoint = _texts(config.get("Entrypoint"))
    command = [*entrypoint, *_texts(config.get("Cmd"))] or ["/bin/sh"]
    return _RC.format(
        directory=shlex.quote(directory),
        entrypoint="".join(f"{shlex.quote(word)} " for word in entrypoint),
        command=shlex.join(command),
    )


def _fstab(volumes: object) -> str:
    """Return lines that mount each volume of the image on itself, to write to."""
    paths = sorted(_text(path) for path in volumes) if isinstance(volumes, dict) else []
    words = [path.translate(_FSTAB_ESCAPES) for path in paths if path.startswith("/")]
    options = "x-create=dir,bind,rw,nosuid,nodev"
    return "".join(f"${{ENROOT_ROOTFS}}{at} {at} none {options}\n" for at in words)


def _texts(value: object) -> list[str]:
    """Return those of a list that can be given to a program."""
    found = value if isinstance(value, list) else []
    return [one for one in found if isinstance(one, str) and "\0" not in one]


def _text(value: object) -> str:
    return value if isinstance(value, str) and "\0" not in value else ""

"""A program that answers as docker and podman do."""

from __future__ import annotations

import subprocess
from pathlib import Path

from tests.verbs.real_images import RealImages

_ANSWERS = """#!/bin/sh
here=$(dirname "$0")
echo "$*" >> "$here/asked"
case "$1 $2" in
"image inspect") test -e "$here/there" ;;
"image rm") rm "$here/there" ;;
"pull --") test -e "$here/pullable" && : >> "$here/there" ||
    { echo 'Error: no such image' >&2; exit 125; } ;;
"save --") cat "$here/archive"; test ! -e "$here/broken" ||
    { echo 'unexpected EOF' >&2; exit 1; } ;;
esac
"""


def fake_docker(place: Path, real: RealImages, name: str = "docker") -> Path:
    """Make a new directory with that program, which has the image x/y:1."""
    place.mkdir(mode=0o777)
    place.chmod(0o777)
    (place / name).write_text(_ANSWERS)
    (place / name).chmod(0o755)
    target = f"docker-archive:{place}/archive:docker.io/x/y:1"
    words = ["skopeo", "copy", "-q", f"oci:{real.image('two')}", target]
    subprocess.run(words, check=True, capture_output=True)
    (place / "archive").chmod(0o644)
    return place

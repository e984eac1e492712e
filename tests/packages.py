"""Packages of every kind that a real Debian installs, on a server on 127.0.0.1.

A package of apt, one of pip and one of npm, each called plash-greeting, with a program
that greets. What is served is made here, so that nobody needs another network.
"""

from __future__ import annotations

import base64
import hashlib
import io
import json
import subprocess
import tarfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from tests.transfer import server
from tests.transfer.server import Site

NAME: Final = "plash-greeting"
_DEB: Final = f"{NAME}_1_all.deb"
_WHEEL: Final = "plash_greeting-1-py3-none-any.whl"
_CONTROL: Final = (
    f"Package: {NAME}\nVersion: 1\nArchitecture: all\nMaintainer: x <x@example.org>\n"
    "Description: a greeting\n"
)
_MAKE_DEB: Final = (
    "mkdir -p d/DEBIAN d/usr/bin d/var/lib && cd d &&"
    " printf '%s' \"$0\" >DEBIAN/control &&"
    " printf '#!/bin/sh\\necho hello from apt\\n' >usr/bin/greet-apt &&"
    " chmod 755 usr/bin/greet-apt && mkdir var/lib/greeting && cd .. &&"
    ' fakeroot sh -c "chown root:staff d/var/lib/greeting && chmod 2775'
    ' d/var/lib/greeting && dpkg-deb -Zgzip --build d it.deb"'
)


@dataclass
class Packages(Site):
    """A server of packages; `files` are by path."""

    files: dict[str, bytes] = field(default_factory=dict)

    def file_at(self, path: str) -> bytes | None:
        """What is at a path."""
        return self.files.get(path)

    @property
    def apt_source(self) -> str:
        """A line of sources.list."""
        return f"deb [trusted=yes] {self.url('apt')} ./"

    def add_deb(self, place: Path) -> None:
        """Add the package of apt, whose directory is of the group staff, setgid."""
        subprocess.run(
            ["sh", "-c", _MAKE_DEB, _CONTROL],
            cwd=place,
            check=True,
            capture_output=True,
        )
        data = (place / "it.deb").read_bytes()
        self.files[f"/apt/./{_DEB}"] = self.files[f"/apt/{_DEB}"] = data
        told = f"Filename: ./{_DEB}\nSize: {len(data)}\n"
        told += f"SHA256: {hashlib.sha256(data).hexdigest()}\n"
        index = f"{_CONTROL}{told}\n".encode()
        self.files["/apt/./Packages"] = self.files["/apt/Packages"] = index

    def add_wheel(self) -> None:
        """Add the package of pip."""
        kept = io.BytesIO()
        about = "plash_greeting-1.dist-info"
        with zipfile.ZipFile(kept, "w") as wheel:
            for name, text in {
                "plash_greeting.py": "def main():\n    print('hello from pip')\n",
                f"{about}/METADATA": "Metadata-Version: 2.1\n"
                f"Name: {NAME}\nVersion: 1\n",
                f"{about}/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\n"
                "Tag: py3-none-any\n",
                f"{about}/entry_points.txt": "[console_scripts]\n"
                "greet-pip = plash_greeting:main\n",
                f"{about}/RECORD": "",
            }.items():
                wheel.writestr(name, text)
        self.files[f"/pip/{_WHEEL}"] = data = kept.getvalue()
        digest = hashlib.sha256(data).hexdigest()
        link = f'<a href="../../{_WHEEL}#sha256={digest}">{_WHEEL}</a>'
        self.files[f"/pip/simple/{NAME}/"] = link.encode()

    def add_tarball(self) -> None:
        """Add the package of npm."""
        about = {"name": NAME, "version": "1.0.0", "bin": {"greet-npm": "greet.js"}}
        greet = "#!/usr/bin/env node\nconsole.log('hello from npm')\n"
        kept = io.BytesIO()
        with tarfile.open(fileobj=kept, mode="w:gz") as tar:
            for name, text in {
                "package.json": json.dumps(about),
                "greet.js": greet,
            }.items():
                info = tarfile.TarInfo(f"package/{name}")
                info.size, info.mode = len(text), 0o755
                tar.addfile(info, io.BytesIO(text.encode()))
        self.files[f"/npm/{NAME}.tgz"] = data = kept.getvalue()
        digest = base64.b64encode(hashlib.sha512(data).digest()).decode()
        place = self.url(f"npm/{NAME}.tgz")
        dist = {"tarball": place, "integrity": f"sha512-{digest}"}
        versions = {"1.0.0": {**about, "dist": dist}}
        told = {"name": NAME, "dist-tags": {"latest": "1.0.0"}, "versions": versions}
        self.files[f"/npm/{NAME}"] = json.dumps(told).encode()


@contextmanager
def packages(place: Path) -> Iterator[Packages]:
    """A server of the three, until the block ends; `place` is an empty directory."""
    with server.serving(Packages()) as site:
        assert isinstance(site, Packages)
        site.kind = "text/html"
        site.add_deb(place)
        site.add_wheel()
        site.add_tarball()
        yield site

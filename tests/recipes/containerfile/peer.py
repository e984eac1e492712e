"""Building the same file with buildah and with the product, and looking at both."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any, Final, NamedTuple

from plashui.helper import calls, listing
from plashui.store.store import Store
from tests.conftest import cannot
from tests.people import Person
from tests.recipes.containerfile.peer_cases import Case, make_context

_STORAGE: Final = (
    '[storage]\ndriver = "vfs"\ngraphroot = "{0}/graph"\nrunroot = "{0}/r"\n'
)
_BASE: Final = (
    "FROM scratch\nADD busybox.tar /\nCOPY base /\n"
    'ENV PATH=/bin:/usr/bin\nCMD ["sh"]\nLABEL from=base\n'
)
_ACCOUNTS: Final = {
    "passwd": "root:x:0:0::/root:/bin/sh\njoe:x:1000:1001::/home/joe:/bin/sh\n",
    "group": "root:x:0:\nstaff:x:50:\njoes:x:1001:\n",
}
_OF_A_RUN: Final = ("dev", "proc", "sys", "run")
_OF_THE_NETWORK: Final = ("etc/hosts", "etc/hostname", "etc/resolv.conf")
_BIG: Final = 1 << 20


class Built(NamedTuple):
    """What was built: files by their paths, and the config."""

    files: dict[str, tuple[object, ...]]
    config: dict[str, Any]


class Peer:
    """A place with an image called base, for both programs."""

    def __init__(self, place: Path, root: Person, busybox_tar: Path) -> None:
        """Make the base with buildah, and pull it."""
        if not shutil.which("buildah") or root.map != "root":
            cannot("only root compares, with buildah")
        self.place, self.root = place, root
        place.mkdir(mode=0o755)
        (place / "s.conf").write_text(_STORAGE.format(place))
        self.env = {
            "CONTAINERS_STORAGE_CONF": str(place / "s.conf"),
            "PLASH_DATA": str(place / "store"),
            "TMPDIR": str(place),
        }
        (place / "base/base/etc").mkdir(parents=True)
        (place / "base/base/usr/share").mkdir(parents=True)
        for name, text in _ACCOUNTS.items():
            (place / "base/base/etc" / name).write_text(text)
        (place / "base/base/lnk").symlink_to("usr/share")
        shutil.copy(busybox_tar, place / "base/busybox.tar")
        (place / "base/Dockerfile").write_text(_BASE)
        self._buildah(
            "bud", "-q", "--isolation", "chroot", "-t", "base", place / "base"
        )
        self._pull("base", "--name", "base")
        self.context = place / "context"
        self.context.mkdir()
        make_context(self.context)

    def theirs(self, case: Case) -> Built:
        """Build it with buildah."""
        self._write(case)
        words = ("--isolation", "chroot", "--pull-never", *case.options, "-t", "it")
        self._buildah("bud", "-q", *words, self.context)
        return self._seen(self._pull("it"))

    def ours(self, case: Case) -> Built:
        """Build it with the product."""
        self._write(case)
        program = self.root.bin / "plashui"
        made = self._run(program, "build:file", *case.options, self.context)
        return self._seen(int(made))

    def _write(self, case: Case) -> None:
        (self.context / "Dockerfile").write_bytes(case.text.encode())
        (self.context / ".dockerignore").unlink(missing_ok=True)
        if case.ignored:
            (self.context / ".dockerignore").write_text(case.ignored)

    def _buildah(self, *words: str | Path) -> None:
        self._run("buildah", *words)

    def _pull(self, image: str, *options: str) -> int:
        archive = self.place / f"{image}.tar"
        archive.unlink(missing_ok=True)
        self._buildah("push", "-q", image, f"oci-archive:{archive}")
        done = self._run(self.root.bin / "plashui", "pull:file", *options, archive)
        return int(done)

    def _run(self, *words: str | Path) -> str:
        env = {**os.environ, **self.env}
        done = subprocess.run(
            [*map(str, words)], env=env, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, (words, done.stderr)
        return done.stdout

    def _seen(self, image: int) -> Built:
        store = Store(self.place / "store")
        files: dict[str, tuple[object, ...]] = {}
        for one in listing.list_tree(store.root, image):
            content: object = ""
            if one.kind == "-" and one.size < _BIG:
                data = bytearray()
                calls.read_file(store.path, image, f"/{one.name}", data.extend)
                content = bytes(data)
            owner = (one.uid, one.gid)
            files[one.name] = (
                *(one.kind, f"{one.mode:o}", owner, one.target, one.attributes),
                content,
            )
        for name in (*_OF_A_RUN, *_OF_THE_NETWORK):
            files.pop(name, None)  # which only buildah makes when something is run
        found = json.loads(self._run(self.root.bin / "plashui", "config", str(image)))
        config = found.get("config") or {}
        config.get("Labels", {}).pop("io.buildah.version", None)
        if not config.get("Labels"):
            config.pop("Labels", None)
        for key in ("Shell", "Healthcheck"):  # which buildah's format of OCI lacks
            config.pop(key, None)
        if found.get("author"):
            config["author"] = found["author"]
        return Built(files, config)

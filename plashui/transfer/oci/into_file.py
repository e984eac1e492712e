"""An image into one file: an OCI layout as a tar, which docker's archives are, too.

    oci-layout  index.json  blobs/sha256/HEX  [manifest.json, for docker]

The names are written as docker, podman, containerd and those that use it look for
them. The same image gives the same bytes.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import tarfile
import tempfile
import threading
from io import BytesIO

from plashui.base.light import TYPE_CHECKING
from plashui.transfer.oci.archive import NAMES
from plashui.transfer.oci.manifest import OCI_INDEX
from plashui.transfer.oci.outgoing import canonical, digest_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from typing import IO, Any, Final, Self

    from plashui.store.oci.blob_numbers import Numbers
    from plashui.transfer.registry.reference import Reference

    Write = Callable[[bytes], object]

_CHUNK: Final = 1 << 20
_LAYOUT: Final = b'{"imageLayoutVersion":"1.0.0"}'


class ImageFile:
    """The target of a push that is a file; `close` ends it.

    `beside` is a directory with room for some layers: the size of a blob stands before
    it, so that each waits there, in a file without a name, for its size and its turn.
    """

    repository = ""

    def __init__(
        self, file: IO[bytes], beside: Path, name: Reference | None, *, docker: bool
    ) -> None:
        self._tar = tarfile.open(  # type: ignore[call-overload]  # noqa: SIM115
            mode="w",
            fileobj=_Beginning(file),
            copybufsize=_CHUNK,
            format=tarfile.PAX_FORMAT,
        )
        self._beside, self._name, self._docker = beside, name, docker
        self._lock = threading.Lock()
        self._waiting: dict[int, tuple[str, IO[bytes]]] = {}
        self._next = 0
        self._held: set[str] = set()

    def __enter__(self) -> Self:
        """Return the target."""
        return self

    def __exit__(self, *_error: object) -> None:
        """Forget what waits."""
        for _digest, file in self._waiting.values():
            file.close()

    def has(self, _blob: Numbers) -> bool:
        """Return False: the file is new."""
        return False

    def send(
        self, number: int, make: Callable[[Write], object], _known: Numbers | None
    ) -> tuple[str, int]:
        """Add what `make` writes as the blob of a layer, the lowest has number 0."""
        told = hashlib.sha256()
        with contextlib.ExitStack() as stack:
            waiting = stack.enter_context(_without_name(self._beside))

            def write(data: bytes) -> None:
                told.update(data)
                waiting.write(data)

            make(write)
            size = waiting.tell()
            with self._lock:
                self._waiting[number] = told.hexdigest(), waiting
                stack.pop_all()
                while self._next in self._waiting:
                    digest, ready = self._waiting.pop(self._next)
                    with ready:
                        self._blob(digest, ready)
                    self._next += 1
        return f"sha256:{told.hexdigest()}", size

    def document(self, raw: bytes) -> None:
        """Add the config."""
        self._blob(hashlib.sha256(raw).hexdigest(), BytesIO(raw))

    def stop(self) -> None:
        """Do nothing: writing does not wait for anybody."""

    def finish(self, raw: bytes, media_type: str) -> None:
        """Add the manifest, and what leads to it."""
        self.document(raw)
        entry: dict[str, Any] = {
            "mediaType": media_type,
            "digest": digest_of(raw),
            "size": len(raw),
        }
        if self._name is not None:
            name = str(self._name)
            entry["annotations"] = dict.fromkeys(NAMES, name)
        index = {"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": [entry]}
        self._file("index.json", BytesIO(canonical(index)))
        self._file("oci-layout", BytesIO(_LAYOUT))
        if self._docker:
            self._file("manifest.json", BytesIO(self._for_docker(raw)))

    def close(self) -> None:
        """Write the end."""
        self._tar.close()

    def _for_docker(self, manifest: bytes) -> bytes:
        """Return docker's own list of what is in an archive."""
        value = json.loads(manifest)

        def place(blob: dict[str, str]) -> str:
            return _place(blob["digest"].removeprefix("sha256:"))

        entry = {
            "Config": place(value["config"]),
            "RepoTags": [self._name.familiar()] if self._name else [],
            "Layers": [place(layer) for layer in value["layers"]],
        }
        return canonical([entry])

    def _blob(self, digest: str, file: IO[bytes]) -> None:
        if digest not in self._held:  # layers can be the same
            self._held.add(digest)
            self._file(_place(digest), file)

    def _file(self, name: str, file: IO[bytes]) -> None:
        entry = tarfile.TarInfo(name)
        entry.size = file.seek(0, os.SEEK_END)
        file.seek(0)
        self._tar.addfile(entry, file)


class _Beginning:
    """A file, or a pipe, that begins with the tar: tarfile asks where it begins."""

    def __init__(self, file: IO[bytes]) -> None:
        self.write = file.write

    def tell(self) -> int:
        """Return 0."""
        return 0


def _without_name(directory: Path) -> IO[bytes]:
    return tempfile.TemporaryFile(dir=directory)


def _place(digest: str) -> str:
    return f"blobs/sha256/{digest}"

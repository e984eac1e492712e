"""Images of layers to pull, made of a Debian root, as an OCI layout on the disk."""

from __future__ import annotations

import hashlib
import io
import json
import random
import shutil
import subprocess
import tarfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

KINDS: Final = {"gzip": ["gzip", "-6n"], "zstd": ["zstd", "-q"]}
"""Commands that compress a layer, by the end of its media type."""

TINY: Final = 50
"""Layers of the image of tiny layers."""


def make_tars(place: Path, debian: Path) -> list[Path]:
    """Make the layers of a usual image: 5 tars of 560 MB, compressed 210 MB.

    A Debian root, this machine's Python, big files, 20,000 small files, and whiteouts
    of 2,000 of them.
    """
    place.mkdir()
    python = place / "python.tar"
    pythons = [path.relative_to("/") for path in Path("/usr/lib").glob("python3*")]
    subprocess.run(["tar", "-c", "-f", python, "-C", "/", *pythons], check=True)
    dice = random.Random(7)
    words = [dice.randbytes(8).hex().encode() for _ in range(4000)]
    with tarfile.open(place / "big.tar", "w") as big:
        for number in range(6):
            text = b" ".join(dice.choices(words, k=2_400_000))
            _add(big, f"srv/big/{number}", text)
    with tarfile.open(place / "small.tar", "w") as small:
        for number in range(20_000):
            text = b" ".join(dice.choices(words, k=dice.randrange(1, 200)))
            _add(small, f"srv/small/{number // 100}/{number}", text)
    with tarfile.open(place / "gone.tar", "w") as gone:
        for number in range(0, 20_000, 10):
            _add(gone, f"srv/small/{number // 100}/.wh.{number}", b"")
    return [debian, *(place / f"{x}.tar" for x in ("python", "big", "small", "gone"))]


def make_tiny_tars(place: Path, count: int = TINY) -> list[Path]:
    """Make tars of three small files each."""
    place.mkdir()
    made = [place / f"{number}.tar" for number in range(count)]
    for number, path in enumerate(made):
        with tarfile.open(path, "w") as tar:
            for name in "abc":
                _add(tar, f"etc/tiny/{number}{name}", f"{place.name} {number}".encode())
    return made


def _add(tar: tarfile.TarFile, name: str, data: bytes) -> None:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode, entry.mtime = len(data), 0o644, 1_600_000_000
    tar.addfile(entry, io.BytesIO(data))


class Layout:
    """An OCI layout that images are added to; a layer used twice is made once."""

    def __init__(self, path: Path) -> None:
        """Make an empty one."""
        self.path = path
        (path / "blobs/sha256").mkdir(parents=True)
        (path / "oci-layout").write_text('{"imageLayoutVersion": "1.0.0"}')
        self._made: dict[tuple[Path, str], tuple[dict[str, Any], str]] = {}
        self._images: list[dict[str, Any]] = []

    def add(self, tag: str, tars: Sequence[Path], kind: str) -> None:
        """Add an image of these layers, compressed as `kind` says."""
        layers = [self._layer(tar, kind) for tar in tars]
        config = {
            "architecture": "amd64",
            "os": "linux",
            "config": {"Cmd": ["/bin/sh"]},
            "rootfs": {"type": "layers", "diff_ids": [diff for _blob, diff in layers]},
        }
        manifest = {
            "schemaVersion": 2,
            "mediaType": "application/vnd.oci.image.manifest.v1+json",
            "config": self._blob(config, "config.v1+json"),
            "layers": [blob for blob, _diff in layers],
        }
        image = self._blob(manifest, "manifest.v1+json")
        image["annotations"] = {"org.opencontainers.image.ref.name": tag}
        self._images.append(image)
        index = {"schemaVersion": 2, "manifests": self._images}
        (self.path / "index.json").write_text(json.dumps(index))

    def _layer(self, tar: Path, kind: str) -> tuple[dict[str, Any], str]:
        if (tar, kind) not in self._made:
            blob = self.path / "blobs/new"
            with open(tar, "rb") as source, open(blob, "wb") as target:
                words = KINDS[kind]
                subprocess.run(words, stdin=source, stdout=target, check=True)
            described = self._keep(blob, f"layer.v1.tar+{kind}")
            self._made[tar, kind] = described, f"sha256:{_sha256(tar)}"
        return self._made[tar, kind]

    def _blob(self, value: object, kind: str) -> dict[str, Any]:
        blob = self.path / "blobs/new"
        blob.write_text(json.dumps(value))
        return self._keep(blob, kind)

    def _keep(self, blob: Path, kind: str) -> dict[str, Any]:
        digest, size = _sha256(blob), blob.stat().st_size
        shutil.move(blob, self.path / "blobs/sha256" / digest)
        media_type = f"application/vnd.oci.image.{kind}"
        return {"mediaType": media_type, "digest": f"sha256:{digest}", "size": size}


def _sha256(path: Path) -> str:
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()

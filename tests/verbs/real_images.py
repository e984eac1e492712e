"""Images that umoci, skopeo and buildah make, and what umoci sees in them."""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Final

from tests import trees
from tests.conftest import cannot
from tests.people import Person

TOOLS: Final = ("umoci", "skopeo", "buildah", "busybox", "zstd")

_CHANGES: Final = """
rm -r gone opaque d/e && mkdir opaque && echo new > opaque/new
rm d/none && mkdir d/none && echo below > d/none/below
rm -r long && echo file > long
chmod 0700 d && touch -d @1234567890 d/attribute && chown 5:6 d/attribute
ln d/able d/again && mkdir -m 0555 closed/read-only && ln -s nowhere closed/link
"""
_DOCKERFILE: Final = """
FROM scratch
COPY root /
RUN ["/bin/busybox", "sh", "-c", "rm -r /opt && mkdir /opt && echo new > /opt/new"]
RUN ["/bin/busybox", "sh", "-c", "rm -r /opt/new /etc; mkdir -p /var/x; echo x >/tmp/y"]
ENV COLOUR=green
CMD ["/bin/busybox", "id"]
"""


class RealImages:
    """A layout of real images: `one` of umoci, `two` on it, `built` by buildah.

    `zstd` is `two` compressed by the zstd command, since skopeo leaves a layout's
    layers as they are.
    """

    def __init__(self, place: Path, root: Person) -> None:
        """Make them, as root."""
        missing = [tool for tool in TOOLS if not shutil.which(tool)]
        if missing or root.map != "root":
            cannot(f"only root makes images, with {', '.join(missing or TOOLS)}")
        self.place, self.root, self.layout = place, root, place / "layout"
        place.mkdir(mode=0o755)
        self._by_umoci()
        self._by_buildah()
        self._by_zstd()
        self("chmod", "-R", "a+rX", self.layout)

    def __call__(self, *words: str | Path) -> None:
        """Run a tool."""
        env = {**os.environ, "CONTAINERS_STORAGE_CONF": str(self.place / "s.conf")}
        done = subprocess.run(
            [*map(str, words)], env=env, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, (words, done.stderr)

    def image(self, tag: str) -> str:
        """Return the name of an image for umoci and skopeo."""
        return f"{self.layout}:{tag}"

    def seen(self, tag: str) -> trees.Tree:
        """Return what umoci unpacks of an image, of `two` if it cannot read `zstd`."""
        if tag == "zstd":
            tag = "two"
        place = self.place / f"seen-{tag}"
        if not place.exists():
            self("umoci", "unpack", "--image", self.image(tag), place)
        return trees.look(self.root, place / "rootfs")

    def _by_umoci(self) -> None:
        self("umoci", "init", "--layout", self.layout)
        self("umoci", "new", "--image", self.image("one"))
        first, second = self.place / "first", self.place / "second"
        self("umoci", "unpack", "--image", self.image("one"), first)
        trees.make(self.root, first / "rootfs")
        (first / "rootfs/etc/socket").unlink()  # which umoci refuses
        self("umoci", "repack", "--image", self.image("one"), first)
        self("umoci", "unpack", "--image", self.image("one"), second)
        self("sh", "-ec", f"cd {second}/rootfs{_CHANGES}")
        self("umoci", "repack", "--image", self.image("two"), second)
        words = ("--config.cmd", "/bin/sh", "--config.env", "COLOUR=green")
        self("umoci", "config", "--image", self.image("two"), *words)

    def _by_buildah(self) -> None:
        """Make an image whose layers have opaque directories."""
        context = self.place / "context"
        for name in ("bin", "etc/x", "opt/old", "tmp"):
            (context / "root" / name).mkdir(parents=True)
        shutil.copy(str(shutil.which("busybox")), context / "root/bin/busybox")
        (context / "root/opt/old/file").write_text("old")
        (context / "root/tmp").chmod(0o1777)
        (context / "Dockerfile").write_text(_DOCKERFILE)
        (self.place / "s.conf").write_text(
            f'[storage]\ndriver = "vfs"\ngraphroot = "{self.place}/graph"\n'
            f'runroot = "{self.place}/run"\n'
        )
        layers = ("--layers", "--isolation", "chroot")
        self("buildah", "bud", "-q", *layers, "-t", "built", context)
        target = f"oci:{self.image('built')}"
        self("buildah", "push", "-q", "--format", "oci", "built", target)

    def _by_zstd(self) -> None:
        blobs = self.layout / "blobs/sha256"

        def kept(data: bytes) -> dict[str, object]:
            digest = hashlib.sha256(data).hexdigest()
            (blobs / digest).write_bytes(data)
            return {"digest": f"sha256:{digest}", "size": len(data)}

        def read(described: dict[str, str]) -> bytes:
            return (blobs / described["digest"].removeprefix("sha256:")).read_bytes()

        index = json.loads((self.layout / "index.json").read_text())
        tag = "org.opencontainers.image.ref.name"
        (two,) = (it for it in index["manifests"] if it["annotations"][tag] == "two")
        manifest = json.loads(read(two))
        for layer in manifest["layers"]:
            tar = gzip.decompress(read(layer))
            words = ["zstd", "-q", "-c"]
            packed = subprocess.run(words, input=tar, capture_output=True, check=True)
            layer |= kept(packed.stdout)
            layer["mediaType"] = "application/vnd.oci.image.layer.v1.tar+zstd"
        zstd = (
            two | kept(json.dumps(manifest).encode()) | {"annotations": {tag: "zstd"}}
        )
        index["manifests"].append(zstd)
        (self.layout / "index.json").write_text(json.dumps(index))

"""An image server on 127.0.0.1, as images.linuxcontainers.org is one."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from plashui.transfer.lxc.offers import machine
from tests.transfer import server
from tests.transfer.server import Site

INDEX = "/streams/v1/index.json"
IMAGES = "/streams/v1/images.json"
INDEX_USER = "/meta/1.0/index-user"


@dataclass
class ImageServer(Site):
    """A site whose files are in `files`; what is not there is 404."""

    files: dict[str, bytes] = field(default_factory=dict)
    products: dict[str, Any] = field(default_factory=dict)

    @property
    def address(self) -> str:
        """What PLASHUI_LXC_SERVER is to be."""
        return self.url("").rstrip("/")

    def offer(
        self,
        name: str,
        content: bytes,
        *,
        arch: str = "",
        serial: str = "20261129_05:24",
        aliases: str = "",
        **wrong: Any,
    ) -> str:
        """Put an image there; return its path. `wrong` is what its entry says else."""
        distribution, release, variant = f"{name}:default".split(":")[:3]
        arch = arch or machine()
        place = f"images/{distribution}/{release}/{arch}/{variant}/{serial}"
        path = f"{place}/rootfs.tar.xz"
        item = {
            "ftype": "root.tar.xz",
            "path": path,
            "sha256": hashlib.sha256(content).hexdigest(),
            "size": len(content),
            **wrong,
        }
        key = f"{distribution}:{release}:{arch}:{variant}"
        product = self.products.setdefault(key, {"versions": {}})
        product["aliases"] = aliases
        squashed = {**item, "ftype": "squashfs", "path": f"{place}/rootfs.squashfs"}
        items = {"root.squashfs": squashed, "root.tar.xz": item}
        product["versions"][serial] = {"items": items}
        self.files[f"/{path}"] = content
        line = f"{distribution};{release};{arch};{variant};{serial};/{place}/\n"
        self.files[INDEX_USER] = self.files.get(INDEX_USER, b"") + line.encode()
        self.publish()
        return f"/{path}"

    def publish(self) -> None:
        """Write the lists of simplestreams."""
        entry = {"datatype": "image-downloads", "path": IMAGES[1:]}
        index = {"format": "index:1.0", "index": {"images": entry}}
        self.files[INDEX] = json.dumps(index).encode()
        products = {"format": "products:1.0", "products": self.products}
        self.files[IMAGES] = json.dumps(products).encode()

    def file_at(self, path: str) -> bytes | None:
        """Return what is at a path."""
        return self.files.get(path)


@contextmanager
def image_server() -> Iterator[ImageServer]:
    """An image server without images, until the block ends."""
    with server.serving(ImageServer()) as running:
        assert isinstance(running, ImageServer)
        yield running

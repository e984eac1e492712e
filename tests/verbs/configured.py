"""An image with a config, as a docker archive."""

from __future__ import annotations

import hashlib
import io
import json
import tarfile
from pathlib import Path
from typing import Any


def archive(place: Path, layer: Path, config: dict[str, Any]) -> Path:
    """Write an archive of one layer, the plain tar `layer`, and return its path."""
    diff_id = f"sha256:{hashlib.sha256(layer.read_bytes()).hexdigest()}"
    document = {
        "architecture": "amd64",
        "os": "linux",
        "config": config,
        "rootfs": {"type": "layers", "diff_ids": [diff_id]},
    }
    manifest = [{"Config": "c.json", "RepoTags": [], "Layers": ["layer.tar"]}]
    with tarfile.open(place, "w") as tar:
        tar.add(layer, "layer.tar")
        for name, value in (("c.json", document), ("manifest.json", manifest)):
            data = json.dumps(value).encode()
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            tar.addfile(entry, io.BytesIO(data))
    place.chmod(0o644)
    return place

"""Write an image of a store as an OCI layout with the tag `it`.

Arguments: the store, the image, where. Prints whether each layer is exact, and what was
left out, as JSON.
"""

from __future__ import annotations

import hashlib
import json
import sys
from pathlib import Path

from plashui.image.layer_tar import has_layer, write_layer
from plashui.store.store import Store

store, image, place = Store(sys.argv[1]), sys.argv[2], Path(sys.argv[3])
blobs = place / "blobs/sha256"
LAYER = "application/vnd.oci.image.layer.v1.tar"
CONFIG = "application/vnd.oci.image.config.v1+json"
MANIFEST = "application/vnd.oci.image.manifest.v1+json"


def put(data: bytes, kind: str) -> dict[str, object]:
    """Add a blob; return its descriptor."""
    digest = hashlib.sha256(data).hexdigest()
    (blobs / digest).write_bytes(data)
    return {"mediaType": kind, "digest": f"sha256:{digest}", "size": len(data)}


def dump(value: object) -> bytes:
    return json.dumps(value).encode()


blobs.mkdir(parents=True)
layers: list[dict[str, object]] = []
exact: list[bool] = []
said: list[str] = []
for one in store.place(int(image)).split("/")[2:]:
    if has_layer(store, int(one)):
        tar = bytearray()
        done = write_layer(store, int(one), tar.extend)
        layers.append(put(bytes(tar), LAYER))
        assert done.diff_id == layers[-1]["digest"]
        exact.append(done.exact)
        said += done.left_out
diff_ids = [layer["digest"] for layer in layers]
about = {
    "os": "linux",
    "architecture": "amd64",
    "config": {},
    "rootfs": {"type": "layers", "diff_ids": diff_ids},
}
manifest = {
    "schemaVersion": 2,
    "mediaType": MANIFEST,
    "config": put(dump(about), CONFIG),
    "layers": layers,
}
tag = {"org.opencontainers.image.ref.name": "it"}
index = [{**put(dump(manifest), MANIFEST), "annotations": tag}]
(place / "index.json").write_bytes(dump({"schemaVersion": 2, "manifests": index}))
(place / "oci-layout").write_text('{"imageLayoutVersion": "1.0.0"}')
print(json.dumps({"exact": exact, "said": said, "digests": diff_ids}))

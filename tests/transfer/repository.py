"""A repository in a real registry, to which artifacts are pushed by hand, by HTTP."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any, Final
from urllib.request import Request, urlopen

MANIFEST: Final = "application/vnd.oci.image.manifest.v1+json"
INDEX: Final = "application/vnd.oci.image.index.v1+json"
SBOM: Final = "application/spdx+json"
SIGNATURE: Final = "application/vnd.example.signature"


class Repository:
    """A repository in a registry, to which artifacts are pushed by hand."""

    def __init__(self, host: str, path: str) -> None:
        """Push nothing yet."""
        self.host, self.path = host, path

    def ask(
        self, method: str, place: str, data: bytes = b"", kind: str = ""
    ) -> Mapping[str, str]:
        """Send a request; the headers of the answer."""
        url = place if "://" in place else f"http://{self.host}/v2/{self.path}/{place}"
        headers = {"Content-Type": kind or "application/octet-stream"}
        request = Request(url, data, headers, method=method)  # noqa: S310
        with urlopen(request) as answer:  # noqa: S310
            return dict(answer.headers)

    def blob(self, data: bytes, kind: str) -> dict[str, Any]:
        """Push a blob; its descriptor."""
        digest = f"sha256:{hashlib.sha256(data).hexdigest()}"
        place = self.ask("POST", "blobs/uploads/")["Location"]
        self.ask("PUT", f"{place}&digest={digest}", data)
        return {"mediaType": kind, "digest": digest, "size": len(data)}

    def manifest(self, tag: str, value: Any) -> dict[str, Any]:
        """Push a manifest, under its digest if there is no tag; its descriptor."""
        kind = value["mediaType"]
        data = json.dumps(value).encode()
        digest = f"sha256:{hashlib.sha256(data).hexdigest()}"
        self.ask("PUT", f"manifests/{tag or digest}", data, kind)
        return {"mediaType": kind, "digest": digest, "size": len(data)}

    def artifact(
        self, subject: dict[str, Any], kind: str, **annotations: str
    ) -> dict[str, Any]:
        """Push an artifact about a manifest; what the index about that lists."""
        value = {
            "schemaVersion": 2,
            "mediaType": MANIFEST,
            "artifactType": kind,
            "config": self.blob(b"{}", "application/vnd.oci.empty.v1+json"),
            "layers": [self.blob(kind.encode(), kind)],
            "subject": subject,
            "annotations": annotations,
        }
        found = self.manifest("", value)
        return {**found, "artifactType": kind, "annotations": annotations}

    def refer(self, digest: str, *entries: dict[str, Any]) -> None:
        """Push the index with the tag that stands for what refers to a digest."""
        value = {"schemaVersion": 2, "mediaType": INDEX, "manifests": entries}
        self.manifest(digest.replace(":", "-"), value)

"""A look into a registry's image tells what is there, whoever wrote it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest

from plashui.base.terminal_text import clean
from plashui.model.platform import parse_platform
from plashui.settings.config import Config
from plashui.store.store import Store
from plashui.transfer.from_registry import image_at
from plashui.transfer.oci.manifest import OCI_INDEX
from plashui.transfer.remote_image import RemoteImage, look_into
from tests.transfer.oci.images import Shelf, digest_of, tar_of
from tests.transfer.registry.fake import Answer, Fake, serving

SBOM: Final = "application/spdx+json"
SIGNATURE: Final = "application/vnd.example.signature"
EVIL: Final = "x\x1b]0;title\x07\n\u202e"


class Shop(Shelf):
    """A registry that has what is on the shelf, and lists what refers to it."""

    def __init__(self, fake: Fake) -> None:
        """It is empty."""
        super().__init__()
        self.fake = fake

    def open(self, *names: str) -> None:
        """Answer for the blobs, and for documents by these names and their digests."""
        for digest, data in self.blobs.items():
            self.fake.answers[f"/v2/a/blobs/{digest}"] = Answer(200, data)
        for name in (*names, *self.tags):
            found = self.tags[name]
            kind = {"Content-Type": found.media_type}
            self.fake.answers[f"/v2/a/manifests/{name}"] = Answer(200, found.raw, kind)

    def refer(self, digest: str, entries: object) -> None:
        """List these as what refers to a manifest."""
        body = json.dumps({"schemaVersion": 2, "manifests": entries}).encode()
        answer = Answer(200, body, {"Content-Type": OCI_INDEX})
        self.fake.answers[f"/v2/a/referrers/{digest}"] = answer

    def look(self, store: Store, artifact_type: str = "") -> RemoteImage:
        """Look into the image `it`."""
        with image_at(f"{self.fake.host}/a:it", Config()) as found:
            return look_into(found, found.plan(store), artifact_type)


@pytest.fixture
def shop() -> Iterator[Shop]:
    """A registry with an image of two layers for this machine and another one."""
    with serving(Fake({"/v2/": Answer()})) as fake:
        made = Shop(fake)
        tars = [tar_of({"one": "1"}), tar_of({"two": "2"})]
        for name, platform in (("here", "linux/amd64"), ("there", "linux/s390x")):
            made.image(name, tars, platform=platform, Env=["A=b"], Labels={EVIL: EVIL})
        names = ("here", "linux/amd64"), ("there", "linux/s390x")
        entries = [made.entry(made.tags[n].digest, p) for n, p in names]
        value = {"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": entries}
        value["annotations"] = {"org.example.source": "a page", "a number": 7}
        made.document("it", value, OCI_INDEX)
        made.open("it")
        yield made


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    """One that nobody has made."""
    monkeypatch.setenv("REGISTRY_AUTH_FILE", str(tmp_path / "none"))
    here = parse_platform("linux/amd64")
    monkeypatch.setattr("plashui.transfer.oci.source.this_machine", lambda: here)
    return Store(tmp_path / "store")


def entry(kind: str, **more: Any) -> dict[str, Any]:
    """What is listed as referring to something."""
    digest = digest_of(kind.encode())
    return {"digest": digest, "size": 7, "artifactType": kind, **more}


def test_what_refers_to_the_index_and_to_the_image_is_told(
    shop: Shop, store: Store
) -> None:
    index, image = shop.tags["it"].digest, shop.tags["here"].digest
    shop.refer(index, [entry(SIGNATURE)])
    shop.refer(image, [entry(SBOM, annotations={"made by": "hand"})])
    seen = shop.look(store)
    told = seen.as_json()
    assert (told["digest"], told["index"]) == (image, index)
    assert told["platforms"] == ["linux/amd64", "linux/s390x"]
    assert told["annotations"] == {"org.example.source": "a page"}
    assert told["config"]["config"]["Env"] == ["A=b"]
    assert [layer["here"] for layer in told["layers"]] == [False, False]
    assert [(one["subject"], one["artifact_type"]) for one in told["referrers"]] == [
        (index, SIGNATURE),
        (image, SBOM),
    ]
    assert told["referrers"][1]["annotations"] == {"made by": "hand"}
    text = "\n".join(seen.lines())
    assert f"{SIGNATURE} (to the index)\n" in text
    assert f"{SBOM}\n" in text
    assert text.endswith("made by=hand")
    assert not store.path.exists()


def test_a_registry_that_does_not_filter_is_filtered_here(
    shop: Shop, store: Store
) -> None:
    shop.refer(shop.tags["here"].digest, [entry(SIGNATURE), entry(SBOM)])
    found = shop.look(store, SBOM).referrers
    assert found is not None
    assert [one.manifest.artifact_type for one in found] == [SBOM]


def test_nothing_refers_to_it_is_no_trouble(shop: Shop, store: Store) -> None:
    seen = shop.look(store)
    assert (seen.referrers, seen.trouble) == ((), None)
    assert "refers" not in "\n".join(seen.lines())


@pytest.mark.parametrize(
    ("listed", "says"),
    [
        (["x"], "a descriptor in it is not an object"),
        ([entry("a", digest="sha256:../..")], "is not a SHA-256 digest"),
        ([entry("a", digest=EVIL)], "is not a SHA-256 digest"),
        ([entry("a", size=-1)], "is not a number of bytes"),
        ([entry("a", size="7")], "is not a number of bytes"),
        ([entry("a")] * 10_001, "is not a list of at most 10000"),
        ({}, "something else than a list of referrers"),
    ],
)
def test_the_rest_is_told_where_the_list_is_refused(
    shop: Shop, store: Store, listed: object, says: str
) -> None:
    shop.refer(shop.tags["it"].digest, listed)
    seen = shop.look(store)
    assert says in str(seen.trouble)
    assert str(seen.trouble).isprintable()
    assert seen.as_json()["referrers"] is None
    assert "what refers to it is not known: " in seen.lines()[-1]
    assert len(seen.as_json()["layers"]) == 2


def test_signs_and_wrong_types_of_others_do_no_harm(shop: Shop, store: Store) -> None:
    odd = entry(EVIL, annotations={EVIL: EVIL, "n": 1}, mediaType=5, platform=[])
    shop.refer(
        shop.tags["it"].digest, [odd, entry("b", artifactType=9, annotations=[])]
    )
    lines = [clean(line) for line in shop.look(store).lines()]
    assert all(line.isprintable() for line in lines)
    assert sum("\\x1b]0;title" in line for line in lines) == 3
    assert json.loads(json.dumps(shop.look(store).as_json()))["referrers"][0][
        "annotations"
    ] == {EVIL: EVIL}

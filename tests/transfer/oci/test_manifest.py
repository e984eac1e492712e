"""Manifests and indexes of all kinds are read, and nothing in them is trusted."""

from __future__ import annotations

import json
from typing import Any

import pytest

from plashui.base.errors import PlashError
from plashui.model.platform import (
    Platform,
    distance,
    parse_platform,
    this_machine,
)
from plashui.transfer.oci.config import chain_ids, layers_of, parse_config
from plashui.transfer.oci.manifest import (
    DOCKER_LIST,
    DOCKER_MANIFEST,
    MOST,
    OCI_INDEX,
    OCI_MANIFEST,
    Index,
    Manifest,
    parse,
)

A, B = (f"sha256:{letter * 64}" for letter in "ab")
LAYERS = {"config": {"digest": A, "size": 2}, "layers": [{"digest": B, "size": 3}]}
LIST = {"manifests": [{"digest": A, "size": 2}]}


def parsed(value: object, kind: str = "") -> Manifest | Index:
    return parse(json.dumps(value).encode(), kind)


@pytest.mark.parametrize(
    ("value", "kind", "wanted"),
    [
        (LAYERS, OCI_MANIFEST, Manifest),
        (LAYERS, DOCKER_MANIFEST, Manifest),
        (LIST, OCI_INDEX, Index),
        (LIST, DOCKER_LIST, Index),
        # umoci writes no mediaType; a server may call it anything.
        (LAYERS, "", Manifest),
        (LIST, "text/plain", Index),
        ({**LIST, "mediaType": DOCKER_LIST}, "application/json", Index),
        (LAYERS, f"{OCI_MANIFEST}; charset=utf-8", Manifest),
        ({**LAYERS, "layers": None}, OCI_MANIFEST, Manifest),
    ],
)
def test_every_kind_is_read(value: object, kind: str, wanted: type) -> None:
    assert isinstance(parsed(value, kind), wanted)


@pytest.mark.parametrize(
    ("value", "kind", "says"),
    [
        ({**LAYERS, "mediaType": DOCKER_MANIFEST}, OCI_MANIFEST, "calls itself"),
        ({"schemaVersion": 1, "fsLayers": []}, "", "schema 1"),
        (LAYERS, "application/vnd.docker.distribution.manifest.v1+json", "schema 1"),
        (
            {**LAYERS, "mediaType": OCI_MANIFEST},
            "application/vnd.docker.distribution.manifest.v1+prettyjws",
            "schema 1",
        ),
        ({**LAYERS, **LIST}, OCI_MANIFEST, "both an index and a manifest"),
        (LIST, OCI_MANIFEST, "neither layers nor"),
        (LAYERS, OCI_INDEX, "neither layers nor"),
        ({}, "", "neither layers nor"),
        ({**LAYERS, "mediaType": "a/b"}, "", "is not an image, but a/b"),
        ([], "", "is not a JSON object"),
        ({**LAYERS, "config": None}, "", "is not an object"),
        ({**LAYERS, "config": {"digest": A}}, "", "is not a number of bytes"),
        ({**LAYERS, "config": {"digest": A, "size": -1}}, "", "not a number"),
        ({**LAYERS, "config": {"digest": A, "size": True}}, "", "not a number"),
        ({**LAYERS, "config": {"digest": A, "size": 1e300}}, "", "not a number"),
        ({**LAYERS, "config": {"digest": "../../x", "size": 1}}, "", "SHA-256"),
        ({**LAYERS, "config": {"digest": A.upper(), "size": 1}}, "", "SHA-256"),
        ({**LAYERS, "config": {"digest": A + "\n", "size": 1}}, "", "SHA-256"),
        ({**LAYERS, "layers": [{"digest": B, "size": 1}] * 499}, "", "at most 498"),
        ({**LAYERS, "layers": {}}, "", "is not a list"),
        (
            {
                **LAYERS,
                "layers": [{"digest": B, "size": 1, "mediaType": "x+encrypted"}],
            },
            "",
            "encrypted",
        ),
    ],
)
def test_what_is_wrong_is_refused_in_one_sentence(
    value: Any, kind: str, says: str
) -> None:
    with pytest.raises(PlashError, match=says) as caught:
        parsed(value, kind)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("raw", "says"),
    [
        (b"<!doctype html><html>", "not JSON, but begins with '<!doctype html"),
        (b"\x1b[31m\xff", "not JSON"),
        (b"", "not JSON"),
        (b'{"a":' * 100_000, "not JSON"),
        (b'{"a": NaN}', "not JSON"),
        (b'{"a": ' + b"9" * 5000 + b"}", "not JSON"),
        (b" " * (MOST + 1), "4.2 MB"),
    ],
)
def test_what_is_not_a_document_is_refused(raw: bytes, says: str) -> None:
    with pytest.raises(PlashError, match=says) as caught:
        parse(raw)
    assert str(caught.value).isprintable()


def test_a_manifest_of_100_mb_is_not_even_parsed() -> None:
    with pytest.raises(PlashError, match=r"105 MB, and at most 4\.2 MB"):
        parse(bytes(100 << 20), OCI_MANIFEST)


def test_attestations_and_other_things_in_an_index_are_left_out() -> None:
    entries = [
        {"digest": A, "size": 1, "platform": {"os": "unknown", "architecture": "x"}},
        {
            "digest": A,
            "size": 1,
            "annotations": {"vnd.docker.reference.type": "attestation-manifest"},
        },
        {"digest": A, "size": 1, "mediaType": "application/vnd.in-toto+json"},
        {"digest": B, "size": 1, "mediaType": OCI_MANIFEST},
    ]
    found = parsed({"manifests": entries}, OCI_INDEX)
    assert isinstance(found, Index)
    assert [entry.digest for entry in found.entries] == [B]


def test_platforms_are_those_that_run_there() -> None:
    def best(wanted: str, *offered: str) -> str | None:
        far = [
            (distance(parse_platform(o), parse_platform(wanted)), o) for o in offered
        ]
        fits = sorted((steps, o) for steps, o in far if steps is not None)
        return fits[0][1] if fits else None

    all_arms = ("linux/arm/v5", "linux/arm/v6", "linux/arm/v7", "linux/arm64/v8")
    assert best("linux/arm/v7", *all_arms) == "linux/arm/v7"
    assert best("linux/arm/v6", *all_arms) == "linux/arm/v6"
    assert best("linux/arm", *all_arms) == "linux/arm/v7"
    assert best("linux/arm/v8", "linux/arm/v5", "linux/arm/v6") == "linux/arm/v6"
    assert best("linux/arm/v5", "linux/arm/v6", "linux/arm/v7") is None
    assert best("linux/arm64", *all_arms) == "linux/arm64/v8"
    assert best("linux/arm64/v8", "linux/arm64") == "linux/arm64"
    assert best("linux/arm64", "linux/arm64/v9") is None
    assert best("linux/amd64", "linux/amd64/v3", "linux/amd64") == "linux/amd64"
    assert best("linux/amd64/v3", "linux/amd64", "linux/amd64/v2") == "linux/amd64/v2"
    assert best("linux/riscv64", "linux/riscv64") == "linux/riscv64"
    assert best("windows/amd64", "linux/amd64") is None
    assert distance(Platform(), parse_platform("linux/amd64")) == 1000
    assert this_machine().os == "linux"
    with pytest.raises(PlashError, match="OS/ARCH"):
        parse_platform("arm64")


def test_chain_ids_are_those_of_the_specification() -> None:
    first, second = A, B
    assert chain_ids(()) == []
    assert chain_ids((first,)) == [first]
    # printf 'sha256:aaa… sha256:bbb…' | sha256sum
    assert chain_ids((first, second))[1] == (
        "sha256:ccd722928bd92476ba1745586fed6e45a102504185ad88cd89e01ff116fd146c"
    )


def test_a_config_must_be_of_an_image_and_fit_its_manifest() -> None:
    def config(rootfs: object, **more: object) -> bytes:
        value = {"rootfs": rootfs, **more}
        return json.dumps(value, ensure_ascii=False).encode()

    assert parse_config(config({"diff_ids": None}), A).diff_ids == ()
    two = parse_config(config({"type": "layers", "diff_ids": [A, B]}), A)
    manifest = parsed(LAYERS)
    assert isinstance(manifest, Manifest)
    with pytest.raises(PlashError, match="manifest has 1 layer, but its config has 2"):
        layers_of(manifest.layers, two)
    for wrong, says in (
        (config(None), "lists no layers"),
        (config({"diff_ids": {}}), "lists no layers"),
        (config({"diff_ids": ["md5:1"]}), "SHA-256"),
        (config({"diff_ids": []}, big="\u20ac" * 1_000_000), "too large"),
    ):
        with pytest.raises(PlashError, match=says):
            parse_config(wrong, A)

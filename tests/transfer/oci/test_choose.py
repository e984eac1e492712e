"""Of an index the image for a platform is chosen, also through nested indexes."""

from __future__ import annotations

import pytest

from plashui.base.errors import PlashError
from plashui.model import platform
from plashui.model.platform import Platform, parse_platform
from plashui.transfer.oci.archive import Document
from plashui.transfer.oci.manifest import OCI_INDEX
from plashui.transfer.oci.source import choose
from tests.transfer.oci.images import Shelf, tar_of

PLATFORMS = ("linux/amd64", "linux/arm64/v8", "linux/arm/v7", "linux/arm/v6")


@pytest.fixture(autouse=True)
def _on_amd64(monkeypatch: pytest.MonkeyPatch) -> None:
    here = Platform("linux", "amd64")
    monkeypatch.setattr("plashui.transfer.oci.source.this_machine", lambda: here)


def many(shelf: Shelf) -> list[dict[str, object]]:
    """Entries of an image for several platforms."""
    return [
        shelf.entry(shelf.image(one, [tar_of({"a": one})], platform=one), one)
        for one in PLATFORMS
    ]


def test_the_image_for_this_machine_or_the_one_asked_for_is_chosen(
    shelf: Shelf,
) -> None:
    shelf.index("all", many(shelf))
    assert choose(shelf, "all").digest == shelf.tags["linux/amd64"].digest
    for asked in (*PLATFORMS, "linux/arm64", "linux/arm"):
        chosen = choose(shelf, "all", parse_platform(asked))
        wanted = {"linux/arm64": "linux/arm64/v8", "linux/arm": "linux/arm/v7"}
        assert chosen.digest == shelf.tags[wanted.get(asked, asked)].digest
        assert chosen.platforms == tuple(sorted(PLATFORMS))
    with pytest.raises(
        PlashError, match=r"no image for linux/s390x: there are linux/amd64, linux/arm/"
    ) as caught:
        choose(shelf, "all", parse_platform("linux/s390x"))
    assert caught.value.remedy == "Choose one: --platform linux/amd64"


def test_an_index_in_an_index_is_searched(shelf: Shelf) -> None:
    inner = shelf.index("inner", many(shelf))
    attestation = shelf.image("x", [], platform="unknown/unknown")
    outer = [shelf.entry(attestation, "unknown/unknown"), shelf.entry(inner)]
    shelf.index("outer", outer)
    chosen = choose(shelf, "outer", parse_platform("linux/arm64"))
    assert chosen.platforms == tuple(sorted(PLATFORMS))
    assert chosen.digest == shelf.tags["linux/arm64/v8"].digest


def test_an_entry_that_names_no_platform_is_the_last_choice(shelf: Shelf) -> None:
    plain = shelf.image("plain", [tar_of({"a": "a"})])
    named = shelf.image("named", [tar_of({"b": "b"})])
    shelf.index("all", [shelf.entry(plain), shelf.entry(named, "linux/amd64")])
    assert choose(shelf, "all").digest == named
    shelf.index("one", [shelf.entry(plain)])
    assert choose(shelf, "one").digest == plain


def test_a_single_image_for_another_platform_is_taken_unless_one_is_asked_for(
    shelf: Shelf,
) -> None:
    shelf.image("arm", [tar_of({"a": "a"})], platform="linux/arm64")
    found = choose(shelf, "arm")
    assert (str(found.config.platform), found.foreign) == ("linux/arm64", True)
    assert not choose(shelf, "arm", parse_platform("linux/arm64")).foreign
    shelf.image("none", [tar_of({"a": "a"})], platform="linux/")
    assert not choose(shelf, "none").foreign
    with pytest.raises(PlashError, match="is for linux/arm64, not for linux/amd64"):
        choose(shelf, "arm", parse_platform("linux/amd64"))


def test_an_index_without_an_image_is_refused(shelf: Shelf) -> None:
    attestation = shelf.image("x", [], platform="unknown/unknown")
    shelf.index("none", [shelf.entry(attestation, "unknown/unknown")])
    with pytest.raises(PlashError, match="there is no image in none"):
        choose(shelf, "none")
    shelf.index("empty", [])
    with pytest.raises(PlashError, match="there is no image in empty"):
        choose(shelf, "empty")


def test_indexes_that_lead_nowhere_end(shelf: Shelf) -> None:
    """A source whose digests are lies could let an index lead back to itself."""
    digest = shelf.image("deep", [tar_of({"a": "a"})])
    for depth in range(8):
        digest = shelf.index(f"deep{depth}", [shelf.entry(digest)])
    with pytest.raises(PlashError, match="too deep or too many"):
        choose(shelf, "deep7")
    loop = f"sha256:{'1' * 64}"
    raw = shelf.tags[
        shelf.index("to", [{"digest": loop, "size": 1, "mediaType": OCI_INDEX}])
    ].raw
    shelf.tags[loop] = Document(raw, OCI_INDEX, loop)
    with pytest.raises(PlashError, match="there is no image in to"):
        choose(shelf, "to")
    wide = []
    for number in range(40):
        inner = shelf.index(f"w{number}", [{"digest": loop, "size": number}])
        wide.append(shelf.entry(inner))
    shelf.index("wide", wide)
    with pytest.raises(PlashError, match="too deep or too many"):
        choose(shelf, "wide")


def test_a_config_that_is_not_what_its_digest_says_is_refused(shelf: Shelf) -> None:
    shelf.image("a", [tar_of({"a": "a"})])
    found = choose(shelf, "a")
    blob = shelf.blobs[found.config.digest]
    for wrong, says in (
        (blob.replace(b"linux", b"xinul"), "is not what its digest says"),
        (blob[:-1], "bytes, not"),
    ):
        shelf.blobs[found.config.digest] = wrong
        with pytest.raises(PlashError, match=says):
            choose(shelf, "a")
    assert platform.this_machine().os == "linux"

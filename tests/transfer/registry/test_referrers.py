"""What refers to a manifest is listed by the registry's API, or found by its tag."""

from __future__ import annotations

import json
from typing import Final

import pytest

from plashui.base.errors import PlashError
from plashui.settings.config import Config
from plashui.settings.config import Registry as Setting
from plashui.transfer.registry import listing
from tests.transfer.registry.conftest import Opened
from tests.transfer.registry.fake import Answer, Fake, serving
from tests.transfer.registry.shared import DIGEST, endless

INDEX: Final = "application/vnd.oci.image.index.v1+json"
API: Final = f"/v2/a/referrers/{DIGEST}"
TAG: Final = f"/v2/a/manifests/{DIGEST.replace(':', '-')}"


def page(entries: object, link: str = "") -> Answer:
    """An answer that lists these."""
    body = json.dumps({"schemaVersion": 2, "mediaType": INDEX, "manifests": entries})
    return Answer(200, body.encode(), {"Content-Type": INDEX, "Link": link})


def test_they_come_by_the_page(fake: Fake, opened: Opened) -> None:
    fake.answers[API] = page([1, 2], f'<{API}?next=x>; rel="next"')
    fake.answers[f"{API}?next=x"] = page([], f'<{fake.url(API)}?next=y>; rel="next"')
    fake.answers[f"{API}?next=y"] = page([3])
    assert opened(f"{fake.host}/a").referrers(DIGEST) == [1, 2, 3]
    assert fake.of(TAG) == []


def test_the_registry_is_asked_for_one_type(fake: Fake, opened: Opened) -> None:
    fake.answers[f"{API}?artifactType=application%2Fx%2Bjson"] = page([1])
    registry = opened(f"{fake.host}/a")
    assert registry.referrers(DIGEST, "application/x+json") == [1]


@pytest.mark.parametrize(
    "unknown",
    [
        Answer(404, b"404 page not found"),
        Answer(405),
        Answer(200, b"<html>", {"Content-Type": "text/html"}),
        Answer(303, b"", {"Location": "/a/web/page"}),
    ],
)
def test_without_the_api_the_tag_of_the_digest_has_them(
    fake: Fake, opened: Opened, unknown: Answer
) -> None:
    fake.answers[API] = unknown
    fake.answers["/a/web/page"] = Answer(200, b"<html>", {"Content-Type": "text/html"})
    registry = opened(f"{fake.host}/a")
    assert registry.referrers(DIGEST) == []
    fake.answers[TAG] = page([1])
    assert registry.referrers(DIGEST) == [1]
    assert fake.of(TAG)[0].headers["Accept"] == INDEX


def test_a_mirror_that_has_none_is_passed_over(fake: Fake, opened: Opened) -> None:
    fake.answers[API] = page([1])
    with serving(Fake({"/v2/": Answer()})) as mirror:
        one = Config(registries={fake.host: Setting(mirrors=(mirror.host,))})
        assert opened(f"{fake.host}/a", one).referrers(DIGEST) == [1]


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (Answer(500), "says 500"),
        (Answer(403), "wants a login"),
        (Answer(200, b"<html>", {"Content-Type": INDEX}), "is not JSON but a web page"),
        (Answer(200, b"[]", {"Content-Type": INDEX}), "is not JSON"),
        (Answer(200, b"[" * 99_999, {"Content-Type": INDEX}), "is not JSON"),
        (page(None), "something else than a list of referrers"),
        (page({"0": 1}), "something else than a list of referrers"),
        (
            Answer(200, endless(), {"Content-Type": INDEX}),
            "sends more than 4096 KiB as the list of referrers",
        ),
        (
            Answer(200, b"x", {"Content-Type": INDEX, "Content-Length": "100000000"}),
            "sends more than 4096 KiB as the list of referrers",
        ),
        (
            Answer(200, b"x", {"Content-Type": INDEX, "Content-Encoding": "gzip"}),
            "compressed, which was not asked",
        ),
        (page([1], '</v2/b/referrers/x>; rel="next"'), "at another place"),
        (page([1], '<http://127.0.0.1:1/>; rel="next"'), "at another place"),
        (page([1], f'<{API}?lost>; rel="next"'), "has no list of referrers"),
    ],
)
def test_what_is_not_such_a_list_is_refused_in_words(
    fake: Fake, opened: Opened, answer: Answer, says: str
) -> None:
    fake.answers[f"{API}?lost"] = Answer(404)
    fake.answers[API] = answer
    fake.answers[TAG] = page([9])
    with pytest.raises(PlashError, match=says) as caught:
        opened(f"{fake.host}/a").referrers(DIGEST)
    assert str(caught.value).isprintable()


def test_a_list_without_end_is_refused(
    fake: Fake, opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing, "_MOST", 10_000)
    fake.answers[API] = page(["x" * 1000], f'<{API}?more>; rel="next"')
    with pytest.raises(PlashError, match=r"sends more than 10.* as the list of"):
        opened(f"{fake.host}/a").referrers(DIGEST)
    assert len(fake.of(API)) == 10

"""What a registry wants to see it gets, and nobody else."""

from __future__ import annotations

import itertools
import json
import logging
import traceback
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from plashui.base.errors import PlashError
from plashui.transfer.registry.errors import Unauthorized
from tests.transfer.registry.conftest import Login, Opened
from tests.transfer.registry.fake import Answer, Answering, Fake, Question
from tests.transfer.registry.shared import BLOB, BYTES, MANIFEST, PLACE, RAW, TAG

SECRET = "pass:wörd, geheim"  # noqa: S105
BASIC = "Basic YWRhOnBhc3M6d8O2cmQsIGdlaGVpbQ=="


def challenged(fake: Fake, *more: str, good: str = "t1") -> Answering:
    """A registry that wants the token `good`, with more challenges before."""
    bearer = f'Bearer realm="{fake.url("/token?x=1")}",service="a, b"'

    def answer(question: Question) -> Answer:
        if question.headers["Authorization"] == f"Bearer {good}":
            return Answer(200, BYTES) if "blobs" in question.path else MANIFEST
        error = {"errors": [{"code": "UNAUTHORIZED", "message": "who are you?"}]}
        wanted = ", ".join([*more, bearer])
        return Answer(401, json.dumps(error).encode(), {"WWW-Authenticate": wanted})

    return answer


def token(text: object = "t1", **more: object) -> Answer:
    """The answer of a token server."""
    return Answer(200, json.dumps({"token": text, **more}).encode())


def test_of_several_challenges_the_token_is_taken(
    fake: Fake, opened: Opened, login: Login
) -> None:
    login(fake.host, "ada", SECRET)
    fake.answers[TAG] = challenged(fake, 'Basic realm="one, two"', "Negotiate")
    fake.answers["/token"] = token()
    assert opened(f"{fake.host}/a").manifest("1").raw == RAW
    (asked,) = fake.of("/token")
    assert parse_qs(urlsplit(asked.path).query) == {
        "x": ["1"],
        "service": ["a, b"],
        "scope": ["repository:a:pull"],
        "account": ["ada"],
    }
    assert asked.headers["Authorization"] == BASIC
    sent = [question.headers["Authorization"] for question in fake.of(TAG)]
    assert sent == [None, "Bearer t1"]


@pytest.mark.parametrize("key", ["token", "access_token"])
def test_a_token_is_kept_until_it_expires_or_is_refused(
    fake: Fake, opened: Opened, key: str
) -> None:
    fake.answers |= {TAG: challenged(fake), PLACE: challenged(fake)}
    fake.answers["/token"] = Answer(200, json.dumps({key: "t1"}).encode())
    registry = opened(f"{fake.host}/a")
    registry.manifest("1")
    registry.manifest("1")
    with registry.blob(BLOB, len(BYTES)):
        pass
    assert len(fake.of("/token")) == 1
    fake.answers[TAG] = challenged(fake, good="t2")
    fake.answers["/token"] = token("t2")
    registry.manifest("1")
    assert len(fake.of("/token")) == 2
    fake.answers["/token"] = token("t2", expires_in=1e-9)
    second = opened(f"{fake.host}/a")
    second.manifest("1")
    second.manifest("1")
    assert len(fake.of("/token")) == 4


def test_a_challenge_says_for_which_scopes(fake: Fake, opened: Opened) -> None:
    scope = 'repository:other:pull registry:catalog:*"'
    wanted = f'Bearer realm="{fake.url("/token")}",scope="{scope}'
    fake.answers[TAG] = [Answer(401, b"", {"WWW-Authenticate": wanted}), MANIFEST]
    fake.answers["/token"] = token()
    opened(f"{fake.host}/a").manifest("1")
    query = parse_qs(urlsplit(fake.of("/token")[0].path).query)
    assert query == {"scope": ["repository:other:pull", "registry:catalog:*"]}


def test_a_login_without_rights_does_not_keep_a_public_image_away(
    fake: Fake, opened: Opened, login: Login
) -> None:
    login(fake.host, "ada", SECRET)

    def tokens(question: Question) -> Answer:
        return token("of-ada" if question.headers["Authorization"] else "t1")

    def answer(question: Question) -> Answer:
        if question.headers["Authorization"] == "Bearer of-ada":
            return Answer(403)
        return challenged(fake)(question)

    fake.answers |= {TAG: answer, "/token": tokens}
    registry = opened(f"{fake.host}/a")
    assert registry.manifest("1").raw == RAW
    assert "refused the login of 'ada' from " in registry.told[0]


@pytest.mark.parametrize("status", [500, 404, 418])
def test_an_outage_of_the_token_server_is_not_called_a_problem_of_the_login(
    fake: Fake, opened: Opened, login: Login, status: int
) -> None:
    login(fake.host, "ada", SECRET)
    fake.answers |= {TAG: challenged(fake), "/token": Answer(status)}
    with pytest.raises(PlashError, match=f"cannot get a token .* says {status}") as e:
        opened(f"{fake.host}/a").manifest("1")
    assert not isinstance(e.value, Unauthorized)


def test_what_the_token_server_says_of_a_refusal_is_told(
    fake: Fake, opened: Opened, login: Login
) -> None:
    error = {"errors": [{"code": "DENIED", "message": "account is locked"}]}
    fake.answers |= {
        TAG: challenged(fake),
        "/token": Answer(401, json.dumps(error).encode()),
    }
    with pytest.raises(Unauthorized, match="DENIED: account is locked"):
        opened(f"{fake.host}/a").manifest("1")
    login(fake.host, "ada", SECRET)
    with pytest.raises(Unauthorized, match=r"refuses the login of 'ada' .*locked"):
        opened(f"{fake.host}/a").manifest("1")


def test_a_refusal_without_a_way_to_log_in_is_told(
    fake: Fake, opened: Opened, login: Login
) -> None:
    login(fake.host, "ada", SECRET)
    fake.answers[TAG] = Answer(401, b"", {"WWW-Authenticate": "Negotiate"})
    with pytest.raises(Unauthorized, match="refuses the login"):
        opened(f"{fake.host}/a").manifest("1")
    assert len(fake.of(TAG)) == 1
    fake.answers[TAG] = Answer(403)
    with pytest.raises(Unauthorized, match="403"):
        opened(f"{fake.host}/a").manifest("1")


@pytest.mark.parametrize(
    "body",
    [
        b'{"token": "a\\nX-Evil: 1"}',
        b'{"token": "with space geheim"}',
        b'{"token": ["geheim"]}',
        b"{}",
        b'["geheim"]',
        b"<html>geheim",
        b"[" * 100_000,
    ],
)
def test_a_token_that_is_garbage_is_refused_and_not_shown(
    fake: Fake, opened: Opened, body: bytes
) -> None:
    fake.answers |= {TAG: challenged(fake), "/token": Answer(200, body)}
    with pytest.raises(PlashError) as caught:
        opened(f"{fake.host}/a").manifest("1")
    assert "geheim" not in str(caught.value)
    assert "garbage" in str(caught.value) or "is not JSON" in str(caught.value)


def test_no_secret_gets_into_errors_remarks_logs_or_values(
    fake: Fake,
    opened: Opened,
    login: Login,
    auth_file: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The servers repeat all that they are sent."""
    caplog.set_level(logging.DEBUG)

    def repeat(question: Question) -> Answer:
        sent = question.headers["Authorization"] or "nothing"
        message = f"{sent} {said} {question.body.decode()}"
        error = {"errors": [{"code": "X", "message": message}]}
        realm = f'Bearer realm="{fake.url("/token")}"'
        status = 418 if sent == "Bearer t0ken" else 401
        body = json.dumps(error, ensure_ascii=False).encode()
        return Answer(status, body, {"WWW-Authenticate": realm})

    found: list[str] = []
    said = f"{SECRET} t0ken"

    def pull() -> None:
        registry = opened(f"{fake.host}/a")
        with pytest.raises(PlashError) as caught:
            registry.manifest("1")
        lines = traceback.format_exception(caught.value)
        login = registry._at[0].authorization.login()
        found.extend([*lines, *registry.told, repr(registry), repr(login)])
        found.append(str(registry.__dict__))

    fake.answers |= {TAG: repeat, "/token": token("t0ken")}
    login(fake.host, "ada", SECRET)
    pull()
    assert any("X: " in line and "***" in line for line in found)
    fake.answers["/token"], said = repeat, SECRET
    pull()
    identity = {"auths": {fake.host: {"identitytoken": "identity-0"}}}
    auth_file.write_text(json.dumps(identity))
    said = ""
    pull()
    text = "\n".join([*found, caplog.text])
    for secret in (SECRET, "geheim", BASIC.split()[1], "t0ken", "identity-0"):
        assert secret not in text


def test_threads_share_a_registry_while_tokens_expire(
    fake: Fake, opened: Opened
) -> None:
    good = itertools.count(1)
    current = ["t0"]

    def blob(question: Question) -> Answer:
        answer = challenged(fake, good=current[0])(question)
        if answer.status == 200 and len(fake.asked) % 3 == 0:
            current[0] = f"t{next(good)}"  # from now on
        return answer

    fake.answers |= {PLACE: blob, "/token": lambda _question: token(current[0])}
    registry = opened(f"{fake.host}/a")

    def fetch(_number: int) -> bytes:
        for _turn in range(20):  # a token can be outdated before it is used
            with suppress(Unauthorized), registry.blob(BLOB, len(BYTES)) as found:
                return b"".join(iter(found.read, b""))
        return b""

    with ThreadPoolExecutor(4) as pool:
        assert set(pool.map(fetch, range(24))) == {BYTES}

"""What a registry refuses is said with why and what to do; what is there is asked."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from plashui.base.errors import PlashError
from plashui.transfer.registry.errors import Unauthorized
from plashui.transfer.registry.upload import Uploads
from tests.transfer.registry.fake import Answer, Question
from tests.transfer.registry.receiver import (
    DIGEST,
    HTML,
    UPLOADS,
    Receiver,
    error,
    make,
    refused,
)

DETAIL = b'{"DriverName": "filesystem", "Enclosed": {"Op": "write", "Err": 28}}'
DISK = Answer(
    500,
    b'{"errors": [{"code": "UNKNOWN", "message": "unknown error", "detail": %s}]}'
    % DETAIL,
)
FULL = error(500, "UNKNOWN", "write /data: no space left on device")


@pytest.mark.parametrize("method", ["POST", "PATCH", "PUT"])
@pytest.mark.parametrize(
    ("fault", "says"),
    [
        (error(403, "DENIED"), "wants a login for that (403 Forbidden, DENIED: no)"),
        (error(401, "UNAUTHORIZED"), "wants a login for that (401 Unauthorized, UN"),
        (error(405, "UNSUPPORTED"), "can only be read (405 Method Not Allowed, UNSU"),
        (Answer(501), "can only be read (501 Not Implemented)"),
        (Answer(413), "or a proxy before it, refuses so much at once (413 "),
        (FULL, "no space left on device). Its keeper has to make room"),
        (DISK, "unknown error; No space left on device). Its keeper has to make room"),
        (Answer(507), "is full (507 Insufficient Storage). Its keeper has to"),
        (error(500, "UNKNOWN"), "says 500 Internal Server Error, UNKNOWN: no. Try aga"),
        (HTML, "says 502 Bad Gateway. Try again later: only what is missing is sent"),
        (error(429, "TOOMANYREQUESTS"), "has had too many requests (429 Too Many"),
        (
            Answer(429, b"", {"Retry-After": "3600"}),
            "Try again in 3600 s: only what is missing is sent",
        ),
        (Answer(302, b"", {"Location": "/elsewhere"}), "says 302 Found"),
        (Answer(303, b"", {"Location": "/elsewhere"}), "says 303 See Other"),
        (
            Answer(200, b"<html>", {"Content-Type": "text/html; charset=utf-8"}),
            "does not answer like a registry but with a web page. Check the name",
        ),
        (
            error(400, "NAME_INVALID", "\x1b[31mno\nway"),
            "NAME_INVALID: \\x1b[31mno way",
        ),
    ],
)
def test_what_a_registry_refuses_is_said_with_a_remedy(
    there: Receiver, repository: Uploads, method: str, fault: Answer, says: str
) -> None:
    there.faults[method] = [fault] * 30
    said = refused(repository)
    assert said.startswith(f"cannot push a layer of {there.host}/a: ")
    assert says in said
    assert there.blobs == {}
    assert not [one for one in there.asked if one.path == "/elsewhere"]


def test_a_repository_that_is_not_there_is_said(
    there: Receiver, repository: Uploads
) -> None:
    there.faults["POST"] = [error(404, "NAME_UNKNOWN", "repository name not known")]
    assert refused(repository) == (
        f"cannot push a layer of {there.host}/a: {there.host} has no repository a to"
        " push into (404 Not Found, NAME_UNKNOWN: repository name not known). Check the"
        " name; some registries want a repository to be made first"
    )


def test_secrets_stay_out_of_errors(
    there: Receiver, repository: Uploads, login: Callable[..., None]
) -> None:
    login(there.host, "ada", "geheim")
    challenge = {"WWW-Authenticate": 'Basic realm="x"'}

    def echo(question: Question) -> Answer:
        sent = question.headers["Authorization"]
        if not sent:
            return Answer(401, b"", challenge)
        return error(403, "DENIED", f"geheim {sent} no")

    there.faults["POST"] = [echo] * 9
    with pytest.raises(Unauthorized, match="does not let the login of 'ada'") as caught:
        repository.blob(make)
    assert "geheim" not in str(caught.value)
    assert "YWRhOmdlaGVpbQ" not in str(caught.value)
    assert f"plash login {there.host}" in str(caught.value)


def test_a_manifest_goes_under_its_tag(there: Receiver, repository: Uploads) -> None:
    raw = b'{"schemaVersion": 2}'
    there.faults["PUT"] = [error(503, "BUSY"), None]
    digest = repository.manifest("1", raw, "application/x")
    assert there.manifests == {"1": raw}
    assert there.asked[-1].headers["Content-Type"] == "application/x"
    there.faults["PUT"] = [
        Answer(201, b"", {"Docker-Content-Digest": DIGEST}),
        error(404, "MANIFEST_BLOB_UNKNOWN", "blob unknown"),
        Answer(200, b"<html>", {"Content-Type": "text/html"}),
        error(413, "SIZE"),
    ]
    for says in (
        f"has made another manifest of it, whose digest is {DIGEST}, not {digest}",
        "does not have all blobs of it (404 Not Found, MANIFEST_BLOB_UNKNOWN: blob",
        "does not answer like a registry but with a web page",
        "refuses so much at once",
    ):
        with pytest.raises(PlashError) as caught:
            repository.manifest("1", raw, "application/x")
        assert says in str(caught.value)
        assert str(caught.value).startswith(f"cannot push {there.host}/a:1: ")


@pytest.mark.parametrize(
    ("answer", "size"),
    [
        (Answer(200, b"", {"Content-Length": "7"}), 7),
        (Answer(200, [b""]), None),
        (error(404, "NAME_UNKNOWN"), None),
    ],
)
def test_what_is_there_is_asked(
    there: Receiver, repository: Uploads, answer: Answer, size: int | None
) -> None:
    there.faults["HEAD"] = [answer]
    assert repository.size_of(DIGEST) == size


def test_a_web_page_is_not_a_blob(there: Receiver, repository: Uploads) -> None:
    page = {"Content-Type": "text/html", "Content-Length": "7"}
    there.faults["HEAD"] = [Answer(200, b"", page)]
    with pytest.raises(PlashError, match="but with a web page"):
        repository.size_of(DIGEST)


def test_a_small_blob_that_is_there_is_not_sent(
    there: Receiver, repository: Uploads
) -> None:
    for _turn in range(2):
        assert repository.blob_of(b"config").size == 6
    assert there.methods() == "HEAD POST PATCH PUT HEAD"


@pytest.mark.parametrize(
    ("answer", "done"),
    [
        (Answer(201), True),
        (None, False),
        (Answer(202), False),
        (Answer(400), False),
        (Answer(401), False),
        (Answer(404), False),
        (Answer(405), False),
    ],
)
def test_a_mount_is_done_or_not(
    there: Receiver, repository: Uploads, answer: Answer | None, done: bool
) -> None:
    there.faults["POST"] = [answer]
    assert repository.mount(DIGEST, "some/where") is done
    first = there.asked[1]
    assert first.path == f"{UPLOADS}?mount={DIGEST}&from=some/where"
    assert there.data is None, "no upload is left open"

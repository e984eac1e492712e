"""A blob arrives whole, or the error says what to do: registries break and lie."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest

from plashui.base.errors import PlashError
from plashui.transfer.registry import upload
from plashui.transfer.registry.errors import Unauthorized, Unreachable
from plashui.transfer.registry.upload import Uploads
from plashui.transfer.registry.upload_writer import Write
from plashui.transfer.web import connections
from plashui.transfer.web.requests import WAITS
from tests.transfer.registry.fake import Answer, Question
from tests.transfer.registry.receiver import (
    BYTES,
    CHUNK,
    DIGEST,
    HTML,
    Receiver,
    error,
    make,
    refused,
)


def arrives(there: Receiver, repository: Uploads, at_most: int = CHUNK) -> None:
    """Send BYTES, of which not more than a chunk may be sent again."""
    assert repository.blob(make) == (DIGEST, len(BYTES))
    assert there.blobs == {DIGEST: BYTES}
    assert 0 <= there.sent_again() <= at_most


def test_each_byte_is_sent_once(there: Receiver, repository: Uploads) -> None:
    arrives(there, repository, 0)
    assert there.methods() == "POST PATCH PATCH PATCH PATCH PUT"
    assert there.opened == 1
    assert [one.path.partition("=")[2] for one in there.asked[2:]] == [
        *("1", "2", "3", "4"),
        f"5&digest={DIGEST}",
    ], "always the newest location"
    pieces = [one for one in there.asked if one.method == "PATCH"]
    assert {one.headers["Content-Type"] for one in pieces} == {
        "application/octet-stream"
    }


@pytest.mark.parametrize("which", [0, 1, 3])
@pytest.mark.parametrize(
    ("fault", "pauses"),
    [
        (error(500, "UNKNOWN"), [WAITS[0]]),
        (HTML, [WAITS[0]]),
        (error(503, "BUSY", Retry_After="7"), [7.0]),
        (error(429, "TOOMANYREQUESTS", Retry_After="7"), [7.0]),
        (error(416, "RANGE_INVALID"), [WAITS[0]]),
    ],
)
def test_a_piece_that_a_registry_did_not_take_is_sent_again(
    there: Receiver,
    repository: Uploads,
    waits: list[float],
    fault: Answer,
    which: int,
    pauses: list[float],
) -> None:
    there.faults["PATCH"] = [*[None] * which, fault]
    arrives(there, repository)
    assert waits == pauses
    assert there.methods().count("GET") == 1, "it is asked how far it is"


@pytest.mark.parametrize("taken", [0, 1, 30_000, CHUNK])
def test_after_a_cut_only_the_rest_is_sent(
    there: Receiver, repository: Uploads, taken: int
) -> None:
    """All of a piece is taken where only the answer to it was lost."""
    there.cuts["PATCH"] = [None, taken]
    arrives(there, repository)
    assert there.sent_again() == CHUNK - taken
    assert there.opened == 1


def test_many_faults_are_survived_as_long_as_it_goes_on(
    there: Receiver, repository: Uploads, waits: list[float]
) -> None:
    busy = error(503, "BUSY")
    there.faults["PATCH"] = [busy, busy, None] * 4
    there.faults["GET"] = [busy, None, None, busy]
    there.cuts["GET"] = [None, 0]
    arrives(there, repository, len(BYTES) * 3)
    assert len(waits) > len(WAITS)


def test_a_registry_that_goes_on_failing_is_given_up(
    there: Receiver, repository: Uploads, waits: list[float]
) -> None:
    there.faults["PATCH"] = [None, *[error(500, "UNKNOWN")] * 50]
    said = refused(repository)
    assert f"cannot push a layer of {there.host}/a: {there.host} says 500" in said
    assert waits == list(WAITS)
    assert there.methods().endswith("PATCH DELETE"), "the upload is given up there, too"
    assert there.sent_again() <= CHUNK * (len(WAITS) + 1) - CHUNK


def test_a_registry_that_takes_half_of_a_piece_gets_the_other_half(
    there: Receiver, repository: Uploads, waits: list[float]
) -> None:
    there.faults["PATCH"] = [lambda question: there.take(question, CHUNK // 2)] * 20
    assert repository.blob(make) == (DIGEST, len(BYTES))
    assert there.blobs[DIGEST] == BYTES
    assert waits == []


def spans(span: str) -> Callable[[Question], Answer]:
    """A fault: a piece is not taken, and this is said of what has arrived."""
    return lambda _question: Answer(202, b"", {"Range": span})


@pytest.mark.parametrize("span", ["0-9", "0-150000", "0-999999"])
@pytest.mark.parametrize("method", ["PATCH", "GET"])
def test_a_registry_that_says_it_has_what_it_cannot_have_gets_it_anew(
    there: Receiver, repository: Uploads, method: str, span: str
) -> None:
    """Bytes 100000 to 199999 are on their way: 150000 of them may have arrived."""
    fault = Answer(204 if method == "GET" else 202, b"", {"Range": span})
    there.faults[method] = [fault]
    if method == "GET":
        there.faults["PATCH"] = [None, error(500, "UNKNOWN")]
    else:
        there.faults["PATCH"] = [None, fault]
    arrives(there, repository, len(BYTES))
    assert there.opened <= 2


@pytest.mark.parametrize("span", ["0-9", "0-999999"])
def test_a_registry_that_never_says_the_truth_is_given_up(
    there: Receiver, repository: Uploads, span: str
) -> None:
    there.faults["PATCH"] = [spans(span)] * 99
    there.faults["GET"] = [Answer(204, b"", {"Range": span})] * 99
    said = refused(repository)
    assert "DIGEST_INVALID" in said
    (told, *_more) = repository.told
    assert f"says that it has {int(span[2:]) + 1:,} bytes after " in told
    assert there.opened <= len(WAITS) + 1
    assert there.blobs == {}


def test_a_count_that_stands_still_is_not_believed(
    there: Receiver, repository: Uploads
) -> None:
    """As at ECR, which takes all pieces and counts only the first."""

    def stale(question: Question) -> Answer:
        answer = there.take(question)
        if answer.status != 202:
            return answer
        return answer._replace(
            status=201, headers={**answer.headers, "Range": f"0-{CHUNK - 1}"}
        )

    def counted(question: Question) -> Answer:
        answer = there.usual(question)
        return answer._replace(headers={**answer.headers, "Range": f"0-{CHUNK - 1}"})

    there.faults["PATCH"] = [stale] * 50
    there.faults["GET"] = [counted] * 50
    arrives(there, repository)


@pytest.mark.parametrize("span", ["", "x", "5-9", "bytes 0-5", "0-" + "9" * 5000])
def test_a_range_that_says_nothing_is_passed_over(
    there: Receiver, repository: Uploads, span: str
) -> None:
    def silent(question: Question) -> Answer:
        answer = there.take(question)
        return answer._replace(headers={**answer.headers, "Range": span})

    there.faults["PATCH"] = [silent] * 4
    arrives(there, repository, 0)


LOST = error(404, "BLOB_UPLOAD_UNKNOWN", "blob upload unknown to registry")


@pytest.mark.parametrize(
    "faults",
    [
        {"PATCH": [None, LOST]},
        {"PATCH": [None, error(500, "UNKNOWN")], "GET": [LOST]},
        {"PATCH": [None, error(500, "UNKNOWN")], "GET": [Answer(405)]},
        {"PATCH": [None, error(500, "UNKNOWN")], "GET": [Answer(204)]},
        {"PUT": [LOST]},
        {"PUT": [error(400, "DIGEST_INVALID")]},
        {"PATCH": [None, error(400, "BLOB_UPLOAD_INVALID")]},
    ],
)
def test_an_upload_that_is_lost_begins_anew(
    there: Receiver,
    repository: Uploads,
    faults: dict[str, list[Answer | None]],
    waits: list[float],
) -> None:
    there.faults.update(faults)  # type: ignore[arg-type]
    reports: list[int] = []
    made: list[Write] = []

    def again(write: Write) -> None:
        made.append(write)
        make(write)

    assert repository.blob(again, "the layer 7", reports.append).digest == DIGEST
    assert there.blobs == {DIGEST: BYTES}
    assert there.opened == len(made) == 2
    assert reports[-1] == len(BYTES)
    (told,) = repository.told
    assert told.startswith(f"cannot push the layer 7 of {there.host}/a: ")
    assert told.endswith("; it is sent anew")
    assert WAITS[0] in waits


def test_an_upload_that_is_lost_again_and_again_is_given_up(
    there: Receiver, repository: Uploads, waits: list[float]
) -> None:
    there.faults["PATCH"] = [LOST] * 9
    assert "says 404 Not Found, BLOB_UPLOAD_UNKNOWN" in refused(repository)
    assert waits == list(WAITS)


def test_bytes_whose_digest_is_refused_twice_are_not_sent_for_ever(
    there: Receiver, repository: Uploads
) -> None:
    there.faults["PUT"] = [error(400, "DIGEST_INVALID", "did not match")] * 9
    assert refused(repository) == (
        f"cannot push a layer of {there.host}/a: {there.host} says 400 Bad Request,"
        " DIGEST_INVALID: did not match. Try again"
    )
    assert there.opened == 2


def no_chunks(there: Receiver, status: int, method: str) -> None:
    """Take blobs in one request only."""

    def take(question: Question) -> Answer:
        chunk = question.headers["Content-Range"]
        first = chunk.startswith("0-") if chunk else True
        if chunk and (method == "first" or not first):
            return there.take(question, 0) if status == 202 else Answer(status)
        return there.usual(question)

    there.faults["PATCH"] = [take] * 99
    if method == "PUT":
        there.faults["PUT"] = [Answer(status), None, None]
        del there.faults["PATCH"]


@pytest.mark.parametrize("status", [202, 400, 404, 405, 416, 501])
@pytest.mark.parametrize("method", ["first", "later", "PUT"])
def test_a_registry_that_takes_no_chunks_gets_each_blob_in_one_request(
    there: Receiver, repository: Uploads, status: int, method: str
) -> None:
    """As Google's. Docker sends like this, so each registry takes it."""
    no_chunks(there, status, method)
    if (status, method) == (202, "PUT"):
        return
    assert repository.blob(make) == (DIGEST, len(BYTES))
    assert there.blobs == {DIGEST: BYTES}
    before = there.opened
    there.asked.clear()
    assert repository.blob(make).digest == DIGEST
    assert there.methods() == "POST PATCH PUT", "it is known for the next blob"
    assert there.asked[1].headers["Content-Range"] is None
    assert there.asked[1].body == BYTES
    assert there.opened == before + 1
    assert repository.blob_of(b"config").size == 6


@pytest.mark.parametrize("piece", [1, 1 << 20])
def test_a_small_blob_goes_as_docker_sends_it(
    there: Receiver, repository: Uploads, piece: int
) -> None:
    data = BYTES[: 500 if piece == 1 else CHUNK]

    def small(write: Write) -> None:
        for at in range(0, len(data), piece):
            write(data[at : at + piece])

    no_chunks(there, 400, "first")
    assert repository.blob(small).size == len(data)
    assert there.methods() == "POST PATCH PUT"


@pytest.mark.parametrize(
    "fault", [error(500, "UNKNOWN"), error(401, "UNAUTHORIZED"), LOST, None]
)
def test_one_request_that_fails_is_sent_anew_or_not(
    there: Receiver, repository: Uploads, fault: Answer | None
) -> None:
    """A server that answers early, or a cut in the middle (None)."""
    there.faults["PATCH"] = [LOST, fault]
    if fault is None:
        there.cuts["PATCH"] = [None, 2 * CHUNK]
    if fault is not None and fault.status == 401:
        with pytest.raises(Unauthorized):
            repository.blob(make)
        assert there.opened == 2
        return
    assert repository.blob(make) == (DIGEST, len(BYTES))
    assert there.blobs == {DIGEST: BYTES}
    assert there.opened == 3


def test_what_the_maker_raises_ends_one_request(
    there: Receiver, repository: Uploads
) -> None:
    there.faults["PATCH"] = [LOST]
    turns = []

    def fail(write: Write) -> None:
        turns.append(1)
        write(BYTES)
        if len(turns) == 2:
            raise PlashError("cannot read the layer")

    with pytest.raises(PlashError, match="cannot read the layer"):
        repository.blob(fail)
    assert len(turns) == 2
    assert there.blobs == {}


def test_the_end_is_said_again_after_a_fault(
    there: Receiver, repository: Uploads, waits: list[float]
) -> None:
    there.faults["PUT"] = [error(500, "UNKNOWN"), HTML]
    arrives(there, repository, 0)
    assert waits == [WAITS[0], WAITS[1]]


def test_a_lost_answer_to_the_end_is_not_a_lost_blob(
    there: Receiver, repository: Uploads
) -> None:
    there.cuts["PUT"] = [0]
    arrives(there, repository, 0)
    assert there.methods().endswith("PUT HEAD")
    assert there.opened == 1


@pytest.mark.parametrize("most", [65_536, 99_999])
def test_a_proxy_that_takes_less_at_once_gets_smaller_pieces(
    there: Receiver, repository: Uploads, most: int
) -> None:
    def small(question: Question) -> Answer:
        fits = len(question.body) <= most
        return there.take(question) if fits else Answer(413, b"<html>")

    there.faults["PATCH"] = [small] * 99
    arrives(there, repository)


def test_a_registry_that_wants_larger_pieces_gets_them(
    there: Receiver, repository: Uploads
) -> None:
    def open_it(question: Question) -> Answer:
        answer = there.usual(question)
        least = {"OCI-Chunk-Min-Length": "200000"}
        return answer._replace(headers={**answer.headers, **least})

    there.faults["POST"] = [open_it]
    arrives(there, repository, 0)
    lengths = [len(one.body) for one in there.asked if one.method == "PATCH"]
    assert lengths == [200_000, 152_000]


def test_what_the_maker_raises_is_raised_and_the_upload_dropped(
    there: Receiver, repository: Uploads
) -> None:
    def fail(write: Write) -> None:
        write(BYTES[: 2 * CHUNK])
        raise PlashError("cannot read the layer")

    with pytest.raises(PlashError, match="cannot read the layer"):
        repository.blob(fail)
    assert there.methods().startswith("POST PATCH")
    assert there.methods().endswith("DELETE")
    assert there.blobs == {}


def test_an_error_does_not_wait_for_a_registry_that_hangs(
    there: Receiver, repository: Uploads, monkeypatch: pytest.MonkeyPatch
) -> None:
    hold = threading.Event()
    monkeypatch.setattr(upload, "_DROPPING", 0.1)

    def silent(_question: Question) -> Answer:
        hold.wait()
        return Answer()

    there.faults = {"PATCH": [error(403, "DENIED")], "DELETE": [silent]}
    try:
        assert "DENIED" in refused(repository)
    finally:
        hold.set()


@pytest.mark.parametrize("quiet", [False, True])
def test_a_failure_is_told_whatever_the_maker_makes_of_it(
    there: Receiver, repository: Uploads, quiet: bool
) -> None:
    def wrap(write: Write) -> None:
        try:
            make(write)
        except PlashError as caught:
            if not quiet:
                raise PlashError("the pipe broke") from caught

    there.faults["PATCH"] = [None, LOST]
    assert repository.blob(wrap).digest == DIGEST
    there.faults["PATCH"] = [error(403, "DENIED")]
    with pytest.raises(Unauthorized, match="DENIED"):
        repository.blob(wrap)


@pytest.mark.parametrize("method", ["POST", "PATCH", "PUT", "HEAD"])
def test_a_registry_that_hangs_is_given_up(
    there: Receiver,
    repository: Uploads,
    monkeypatch: pytest.MonkeyPatch,
    method: str,
) -> None:
    hold = threading.Event()
    monkeypatch.setattr(connections, "SILENCE", 0.1)

    def silent(_question: Question) -> Answer:
        hold.wait(60)
        return Answer()

    there.faults[method] = [silent] * 30
    there.faults["GET"] = [silent] * 30
    try:
        with pytest.raises(Unreachable, match="the server does not answer"):
            repository.size_of(DIGEST) if method == "HEAD" else repository.blob(make)
    finally:
        hold.set()


def test_a_registry_that_hangs_once_gets_the_rest(
    there: Receiver, repository: Uploads, monkeypatch: pytest.MonkeyPatch
) -> None:
    hold = threading.Event()
    monkeypatch.setattr(connections, "SILENCE", 0.3)

    def taken(question: Question) -> Answer:
        there.take(question)
        hold.wait(60)
        return Answer(500)

    there.faults["PATCH"] = [None, taken]
    try:
        arrives(there, repository)
    finally:
        hold.set()
    assert there.sent_again() == 0
    assert there.opened == 1

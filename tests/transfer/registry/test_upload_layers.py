"""Layers that are pushed side by side end together."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from plashui.base.progress import Cancel
from plashui.settings.config import Config
from plashui.transfer.exports.to_registry import Repository
from plashui.transfer.oci.push import push
from plashui.transfer.registry.errors import Unauthorized
from plashui.transfer.registry.reference import parse
from plashui.transfer.registry.upload import Uploads
from plashui.transfer.registry.upload_writer import Write
from tests.tools import wait_for
from tests.transfer.registry.fake import Answer, Question
from tests.transfer.registry.receiver import BYTES, Receiver, error


def test_a_layer_that_is_refused_ends_the_pause_of_another(there: Receiver) -> None:
    later = Answer(503, b"", {"Retry-After": "50"})

    def answer(question: Question) -> Answer:
        if question.body[:1] == b"0":
            return later
        wait_for(lambda: later in paused, "the pause of the other")
        return error(403, "DENIED")

    paused: list[Answer] = []

    def both(question: Question) -> Answer:
        found = answer(question)
        paused.append(found)
        return found

    def make(layer: int, write: Write, _stop: Cancel) -> None:
        write(b"%d" % layer + BYTES)
        write(BYTES)

    there.faults["PATCH"] = [both] * 9
    image: Any = SimpleNamespace(layers=[0, 1], known=lambda _layer: [], make=make)
    with Uploads(parse(f"{there.host}/a"), Config()) as uploads:
        target = Repository(uploads, "1", [])
        with pytest.raises(Unauthorized, match="DENIED"):
            push(image, target, what="pushing")
    assert there.manifests == {}

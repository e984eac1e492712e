"""The history in a config, which anybody may have written."""

from __future__ import annotations

import pytest

from plashui.model.oci_history import (
    MOST_STEPS,
    MOST_TEXT,
    Made,
    entries_of,
    history_of,
    in_words,
)

RUN, ENV = {"created_by": "RUN x"}, {"created_by": "ENV A=b", "empty_layer": True}


def test_steps_that_made_no_layer_stand_in_their_place() -> None:
    found = history_of({"history": [ENV, RUN, ENV, ENV, RUN]}, 2)
    assert [step.by for step in found] == [
        "ENV A=b",
        "RUN x",
        *["ENV A=b"] * 2,
        "RUN x",
    ]
    assert [step.empty for step in found] == [True, False, True, True, False]


def test_an_image_without_layers_has_steps() -> None:
    assert history_of({"history": [ENV, ENV]}, 0) == [Made("ENV A=b", True)] * 2


@pytest.mark.parametrize(
    "history",
    [
        None,
        "RUN",
        [],
        [RUN, ENV],
        [RUN, RUN, RUN],
        [RUN, RUN, *[ENV] * (MOST_STEPS - 1)],
    ],
    ids=["none", "text", "empty", "fewer", "more", "endless"],
)
def test_of_a_history_that_does_not_fit_the_layers_nothing_is_used(
    history: object,
) -> None:
    assert history_of({"history": history}, 2) == [Made(""), Made("")]


def test_values_of_wrong_kinds_are_unknown_and_long_texts_are_cut() -> None:
    listed = [1, {"created_by": 7, "empty_layer": "true"}, {"created_by": "x" * 9999}]
    found = history_of({"history": listed}, 2)
    assert found == [Made(""), Made("x" * MOST_TEXT)]


def test_steps_keep_their_times_and_others_have_that_of_the_image() -> None:
    image, own = "2026-01-02T03:04:05Z", "2025-01-02T03:04:05.123456789+01:00"
    listed = [ENV, {**RUN, "created": own}, {"created": "yesterday", "author": "me"}]
    found = entries_of({"created": image, "history": listed}, 2)
    assert found == [
        {**ENV, "created": image},
        {**RUN, "created": own},
        {"created": image, "author": "me"},
    ]
    assert entries_of({"created": image}, 2) == [{"created": image}] * 2
    assert entries_of({"created": 5, "history": listed[2:]}, 1) == [{"author": "me"}]


def test_people_see_what_a_step_does_and_not_the_shell_that_did_nothing() -> None:
    assert in_words('/bin/sh -c #(nop)  CMD ["sh"]') == 'CMD ["sh"]'
    assert in_words("/bin/sh -c apt-get update") == "/bin/sh -c apt-get update"

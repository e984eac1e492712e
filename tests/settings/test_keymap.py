"""Keys: what they are called, who has which, and clashes named."""

from __future__ import annotations

import pytest

from plashui.settings.keymap import TAKEN, assigned, key_name

DEFAULTS = {"remove": "d", "mark": "space", "shell": "enter,e", "undo": "u"}


@pytest.mark.parametrize(
    ("word", "name"),
    [
        ("x", "x"),
        ("X", "X"),
        ("é", "é"),
        ("/", "slash"),
        ("?", "question_mark"),
        ("-", "minus"),
        ("_", "underscore"),
        ("[", "left_square_bracket"),
        ("F5", "f5"),
        ("Esc", "escape"),
        ("question_mark", "question_mark"),
        ("shift+Ctrl+up", "ctrl+shift+up"),
        ("ctrl+x", "ctrl+x"),
        ("", None),
        (" ", "space"),
        ("\x1b", None),
        ("hyper+x", None),
        ("ctrl+ctrl+x", None),
        ("foo", None),
        ("ctrl+", None),
        ("f25", None),
    ],
)
def test_a_key_has_one_name(word: str, name: str | None) -> None:
    assert key_name(word) == name


def test_the_names_are_those_textual_has() -> None:
    from textual.keys import _character_to_key

    for code in range(0x21, 0x7F):
        assert key_name(chr(code)) == _character_to_key(chr(code))


def test_actions_get_the_keys_that_were_wished_for() -> None:
    wished = {"remove": ("x", "Del"), "undo": ("d",), "mark": ()}
    keys, clashes = assigned(DEFAULTS, wished)
    assert clashes == []
    assert keys == {"remove": "x,delete", "mark": "", "shell": "enter,e", "undo": "d"}


@pytest.mark.parametrize(
    ("wished", "action", "words"),
    [
        ({"remove": ("u",)}, "remove", "the key u also belongs to 'undo'"),
        (
            {"remove": ("z",), "undo": ("z",)},
            "undo",
            "the key z also belongs to 'remove'",
        ),
        ({"mark": ("j",)}, "mark", "the key j moves down"),
        ({"mark": ("ctrl+c",)}, "mark", "the key ctrl+c says how to quit"),
        ({"mark": ("3",)}, "mark", "the key 3 opens a tab"),
        ({"marc": ("x",)}, "marc", "unknown action 'marc'"),
        ({"mark": ("foo",)}, "mark", "'foo' is not a key"),
    ],
)
def test_a_clash_is_named_and_all_other_keys_are_as_wished(
    wished: dict[str, tuple[str, ...]], action: str, words: str
) -> None:
    keys, clashes = assigned(DEFAULTS, {"shell": ("S",), **wished})
    assert keys["shell"] == "S"
    assert keys.get(action) == DEFAULTS.get(action)
    assert [clash.action for clash in clashes] == [action]
    assert clashes[0].sentence.startswith(words)
    assert clashes[0].remedy


def test_a_key_that_a_newer_version_needs_leaves_the_rest_of_an_old_config() -> None:
    wished = {"shell": ("v", "u"), "mark": ("m",)}
    keys, clashes = assigned({**DEFAULTS, "mark_range": "v"}, wished)
    assert [clash.sentence for clash in clashes] == [
        "the key v also belongs to 'mark_range'",
        "the key u also belongs to 'undo'",
    ]
    assert keys == {**DEFAULTS, "mark": "m", "mark_range": "v"}


def test_defaults_that_somebody_else_wished_for_are_not_given_back() -> None:
    wished = {"shell": ("u",), "mark": ("e",)}
    keys, clashes = assigned(DEFAULTS, wished)
    assert len(clashes) == 1
    assert keys == {**DEFAULTS, "shell": "enter", "mark": "e"}


def test_the_keys_that_are_taken_are_those_of_the_tree_and_the_app() -> None:
    from plashui.ui.application import PlashuiApp
    from plashui.ui.widgets.tree_table import TreeTable

    every = [*TreeTable.BINDINGS, *PlashuiApp.BINDINGS]
    # What has an id is an action, whose key is chosen.
    bindings = [one for one in every if not getattr(one, "id", None)]
    keys = {key for one in bindings for key in getattr(one, "key", "").split(",")}
    assert keys | {"ctrl+p", *"123456789"} == TAKEN.keys()

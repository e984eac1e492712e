"""Named tuples that are quickly imported behave as those of `typing`."""

from __future__ import annotations

import copy
import pickle
import typing

import pytest

from plashui.base.light import NamedTuple


class Ours(NamedTuple):
    """A place."""

    file: str
    line: int = 1

    @property
    def shown(self) -> str:
        """Both."""
        return f"{self.file}:{self.line}"


class Theirs(typing.NamedTuple):
    """A place."""

    file: str
    line: int = 1

    @property
    def shown(self) -> str:
        """Both."""
        return f"{self.file}:{self.line}"


def said(kind: type, words: str) -> str:
    """Return how a value made with words is shown, or the kind of its error."""
    try:
        value = eval(f"kind{words}", {"kind": kind})  # noqa: S307
        return repr(value).replace("Theirs", "Ours")
    except (TypeError, ValueError, AttributeError) as error:
        return type(error).__name__


@pytest.mark.parametrize("kind", [Ours, Theirs])
def test_its_values_are_tuples_with_names(kind: type[Ours]) -> None:
    """What is compared, copied, sent and taken apart is the same for both."""
    one, other = kind("a"), kind(line=2, file="b")
    assert one == ("a", 1)
    assert hash(one) == hash(("a", 1))
    assert one < other
    assert one.shown == "a:1"
    assert other._replace(line=3) == ("b", 3)
    assert other._asdict() == {"file": "b", "line": 2}
    assert kind._make(["a", 1]) == one
    assert kind._fields == ("file", "line")
    assert kind.__doc__ == "A place."
    for same in (pickle.loads(pickle.dumps(other)), copy.deepcopy(other)):  # noqa: S301
        assert type(same) is kind
        assert same == other
    match one:
        case kind(file, line):
            assert (file, line) == one
    assert not hasattr(one, "__dict__")


@pytest.mark.parametrize(
    "words",
    [
        *("('a')", "('a', 2)", "(line=2, file='a')", "('a', line=2)", "()"),
        *("('a', 2, 3)", "('a', more=3)", "('a', file='b')"),
        *("('a')._replace(more=1)", "('a').more", "('a')._replace(file='ü')"),
        "._make('abc')",
    ],
)
def test_it_takes_and_refuses_what_that_of_typing_does(words: str) -> None:
    """Both give the same value, or refuse the words."""
    ours, theirs = said(Ours, words), said(Theirs, words)
    assert ours == theirs


def test_a_class_without_fields_and_one_that_is_inherited() -> None:
    """Both can be made."""

    class Nothing(NamedTuple):
        """Nothing."""

    class More(Ours):
        """One more name for it."""

    assert Nothing() == ()
    assert More("a") == ("a", 1)
    assert type(More("a")) is More


def test_a_field_without_a_default_after_one_with_a_default_is_refused() -> None:
    """The class cannot be made."""
    with pytest.raises(TypeError, match="Wrong: a field without a default"):

        class Wrong(NamedTuple):
            """One that typing's refuses, too."""

            a: int = 1
            b: int  # type: ignore[misc]

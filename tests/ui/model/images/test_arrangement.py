"""What starts closed, and what the first rows of a big store say of the rest."""

from __future__ import annotations

from plashui.model.forest import Forest, Image
from plashui.ui.model.images.arrangement import Arrangement
from plashui.ui.model.images.order import Order


def many(count: int) -> Forest:
    """A forest of `count` images without a parent, each with one child."""
    tops = {n: Image(n, 0, children=(n + count,)) for n in range(1, count + 1)}
    kids = {n + count: Image(n + count, n) for n in range(1, count + 1)}
    return Forest({**tops, **kids})


def test_a_big_store_starts_closed_also_if_an_order_is_remembered() -> None:
    shown = Arrangement()
    shown.prefer(Order.OWN, flat=False, reverse=False)
    shown.take(many(70), top_of=5000)
    assert len(shown.rows) == 70
    shown.take(many(2500))
    assert len(shown.rows) == 2500


def test_the_first_rows_know_the_greatest_id_of_all() -> None:
    shown = Arrangement()
    shown.take(many(70), top_of=5000)
    assert shown.greatest == 5000
    shown.take(many(2500))
    assert shown.greatest == 5000


def test_what_was_opened_stays_open() -> None:
    shown = Arrangement()
    shown.take(many(500))
    shown.turn(1)
    shown.take(many(500))
    assert len(shown.rows) == 501

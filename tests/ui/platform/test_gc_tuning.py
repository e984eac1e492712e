"""No search for garbage while very much is made."""

from __future__ import annotations

import gc

from plashui.ui.platform.gc_tuning import MANY, nothing_sought


def test_nothing_is_sought_until_the_last_block_is_left() -> None:
    assert gc.isenabled()
    with nothing_sought():
        with nothing_sought():
            assert not gc.isenabled()
        assert not gc.isenabled()
    assert gc.isenabled()


def test_very_much_is_left_out_of_later_searches() -> None:
    before = gc.get_freeze_count()
    with nothing_sought():
        few: list[list[int]] = [[] for _ in range(9)]
    assert gc.get_freeze_count() <= before
    try:
        with nothing_sought():
            many: list[list[int]] = [[] for _ in range(2 * MANY)]
        assert gc.get_freeze_count() > before + MANY
        assert len(few) < len(many)
    finally:
        gc.unfreeze()

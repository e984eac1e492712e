"""The store as a whole: what `clean` removes."""

from __future__ import annotations

from tests.differential.conftest import Compare


def test_clean_removes_links_that_lead_nowhere_at_once(compare: Compare) -> None:
    """The old program's `rm` leaves them, and its `clean` takes them away."""
    compare(
        "ln -s ../layer/0/99 $PLASH_DATA/index/99;"
        " ln -s ../layer/0/99 $PLASH_DATA/map/gone;"
        " plash clean 2>/dev/null; ls $PLASH_DATA/index; ls $PLASH_DATA/map",
        "0\n1\nbase",
    )
